//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_IMAGE_CONTENT_IPP
#define CYCLOS_DETAIL_IMPL_IMAGE_CONTENT_IPP

#include <cyclos/image_content.hpp>

#include <cyclos/detail/base/file_work.hpp>
#include <cyclos/detail/base/new_file.hpp>
#include <cyclos/detail/base/on_strand.hpp>
#include <cyclos/detail/base/whole_text.hpp>
#include <cyclos/detail/client/bounded_file_work.hpp>
#include <cyclos/detail/client/download.hpp>
#include <cyclos/detail/http/date.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>

namespace cyclos {
inline namespace CYCLOS_ABI {

CYCLOS_DECL image_content::image_content() = default;
CYCLOS_DECL image_content::image_content(image_content&&) noexcept = default;
CYCLOS_DECL image_content& image_content::operator=(image_content&&) noexcept = default;
CYCLOS_DECL image_content::~image_content() = default;

CYCLOS_DECL image_content::image_content(std::unique_ptr<detail::download> transfer,
                                         std::string name)
    : transfer_(std::move(transfer))
    , name_(std::move(name))
{}

CYCLOS_DECL const header_fields& image_content::headers() const noexcept
{
    static const header_fields none;
    return transfer_ ? transfer_->first().fields() : none;
}

CYCLOS_DECL std::string_view image_content::content_type() const noexcept
{
    return headers()["Content-Type"];
}

CYCLOS_DECL std::optional<std::uint64_t> image_content::content_length() const noexcept
{
    return transfer_ ? transfer_->first().content_length() : std::nullopt;
}

CYCLOS_DECL std::optional<std::chrono::sys_seconds> image_content::last_modified() const
{
    return http::parse_date(headers()["Last-Modified"]);
}

CYCLOS_DECL bool image_content::not_modified() const noexcept
{
    return transfer_ && transfer_->first().status() == 304;
}

CYCLOS_DECL bool image_content::done() const noexcept
{
    return !transfer_ || transfer_->done();
}

CYCLOS_DECL boost::asio::any_io_executor image_content::get_executor() const noexcept
{
    // Empty content belongs to no client.
    return transfer_ ? transfer_->executor()
                     : boost::asio::any_io_executor{boost::asio::system_executor{}};
}

CYCLOS_DECL void image_content::require_content() const
{
    if (not_modified()) {
        throw error(errc::not_modified, transfer_->state().context());
    }
}

CYCLOS_DECL boost::asio::awaitable<void> image_content::open()
{
    require_content();
    co_return;
}

CYCLOS_DECL boost::asio::awaitable<std::optional<std::uint64_t>> image_content::check()
{
    require_content();
    co_return length();
}

CYCLOS_DECL std::optional<std::uint64_t> image_content::length() const
{
    if (!transfer_) {
        return 0;
    }
    const auto all = content_length();
    return all ? std::optional{*all - (std::min)(*all, transfer_->position())} : std::nullopt;
}

CYCLOS_DECL std::string image_content::media_type() const
{
    return std::string{content_type()};
}

CYCLOS_DECL boost::asio::awaitable<std::size_t>
image_content::read_some(boost::asio::mutable_buffer target)
{
    require_content();
    if (done()) {
        co_return std::size_t{0};
    }
    co_return co_await detail::on_strand(transfer_->executor(), transfer_->read_some(target));
}

CYCLOS_DECL boost::asio::awaitable<image_content::stream_step>
image_content::read_step(boost::asio::mutable_buffer target)
{
    // This is the outermost coroutine of async_read_some(): accept all types of cancellation, as a
    // read of a socket does. The default is terminal cancellation only.
    co_await boost::asio::this_coro::reset_cancellation_state(
        boost::asio::enable_total_cancellation());
    stream_step step;
    try {
        step.bytes = co_await read_some(target);
        if (step.bytes == 0 && target.size() > 0) {
            step.failure = boost::asio::error::eof;
        }
    }
    catch (const boost::system::system_error& e) {
        step.failure = e.code();
    }
    catch (...) {
        // A hook of the user has thrown an exception without a code.
        step.failure = boost::asio::error::operation_aborted;
    }
    co_return step;
}

CYCLOS_DECL operation<std::string> image_content::read_all(std::uint64_t limit)
{
    return read(limit);
}

CYCLOS_DECL boost::asio::awaitable<std::string> image_content::read(std::uint64_t limit)
{
    require_content();
    if (done()) {
        co_return std::string{};
    }
    co_return co_await detail::on_strand(transfer_->executor(), read_on_strand(limit));
}

CYCLOS_DECL void image_content::fail_limit(std::string detail) const
{
    throw error(errc::body_limit, transfer_->state().context(std::move(detail)));
}

CYCLOS_DECL boost::asio::awaitable<std::string> image_content::read_on_strand(std::uint64_t limit)
{
    detail::whole_text text{limit};
    if (const auto expected = length()) {
        if (*expected > text.limit()) {
            fail_limit(std::to_string(*expected) + " bytes");
        }
        text.set_expected_length(*expected);
    }
    try {
        while (!transfer_->done()) {
            text.received(co_await transfer_->read_some(text.prepare()));
            if (text.exceeds_limit()) {
                fail_limit("more than " + std::to_string(text.limit()) + " bytes");
            }
        }
    }
    catch (...) {
        transfer_->abort(std::current_exception()); // the bytes that were read are lost
        throw;
    }
    co_return text.take();
}

CYCLOS_DECL boost::asio::awaitable<void> image_content::abort_transfer(std::exception_ptr failure)
{
    if (transfer_ && transfer_->position() > 0) {
        co_await detail::on_strand(transfer_->executor(), abort_on_strand(std::move(failure)));
    }
}

CYCLOS_DECL boost::asio::awaitable<void> image_content::abort_on_strand(std::exception_ptr failure)
{
    transfer_->abort(std::move(failure));
    co_return;
}

namespace detail {

/// Makes a file that must be used on file threads. It is destroyed on one as well, and is removed
/// from the disk then unless it was committed.
inline std::shared_ptr<new_file> make_new_file(std::filesystem::path target,
                                               const boost::asio::any_io_executor& executor)
{
    auto file = std::make_unique<new_file>(std::move(target));
    return {file.release(), destroy_on_file_thread<new_file>{file_threads::of(executor)}};
}

[[noreturn]] inline void throw_target_failed(const std::filesystem::path& target,
                                             const error_code& reason, error_context context)
{
    context.detail = path_text(target) + ": " + reason.message() +
                     (context.detail.empty() ? "" : "; ") + context.detail;
    context.cause = reason;
    throw error(reason == boost::system::errc::file_exists ? errc::target_exists
                                                           : errc::target_failed,
                std::move(context));
}

/// Runs a job that creates a file and removes it. After a cancellation the job has
/// bounded_file_work::grace to remove it.
inline boost::asio::awaitable<error_code> run_check(std::shared_ptr<file_job_with<error_code>> job)
{
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    const auto executor = co_await boost::asio::this_coro::executor;
    const boost::asio::cancellation_state state =
        co_await boost::asio::this_coro::cancellation_state;
    bounded_file_work work{executor, state, (bounded_file_work::time_point::max)(), nullptr};
    const std::optional<error_code> result = co_await work.run_for_error(job);
    co_return result && !work.reason() ? *result : make_error_code(errc::cancelled);
}

inline boost::asio::awaitable<void> check_target(std::filesystem::path target, save_options options)
{
    const auto job = make_file_job([target, options] {
        error_code ec;
        new_file{target}.check(options.overwrite, ec);
        return ec;
    });
    const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
    const boost::asio::any_io_executor strand = boost::asio::make_strand(executor);
    const error_code ec = co_await on_strand(strand, run_check(job));
    if (ec == errc::cancelled) {
        throw error(errc::cancelled, {});
    }
    if (ec) {
        throw_target_failed(target, ec, {});
    }
}

} // namespace detail

CYCLOS_DECL operation<void> check_save_target(std::filesystem::path target, save_options options)
{
    return detail::check_target(std::move(target), options);
}

CYCLOS_DECL operation<std::uint64_t> image_content::save_to(std::filesystem::path target,
                                                            save_options options)
{
    return save_on_strand(std::move(target), options);
}

CYCLOS_DECL boost::asio::awaitable<std::uint64_t>
image_content::save_on_strand(std::filesystem::path target, save_options options)
{
    require_content();
    if (transfer_) {
        transfer_->rethrow_failure();
    }
    if (!transfer_ || (done() && transfer_->position() > 0)) {
        // Saving would replace the target by an empty file.
        error_context context = transfer_ ? transfer_->state().context() : error_context{};
        context.detail = "the content was read already: nothing is left to be saved";
        throw error(errc::invalid_argument, std::move(context));
    }
    co_return co_await detail::on_strand(transfer_->executor(), save(std::move(target), options));
}

CYCLOS_DECL boost::asio::awaitable<std::uint64_t> image_content::save(std::filesystem::path target,
                                                                      save_options options)
{
    const boost::asio::cancellation_state cancellation =
        co_await boost::asio::this_coro::cancellation_state;
    detail::bounded_file_work work{transfer_->executor(), cancellation, transfer_->state().end,
                                   transfer_->pool()};
    const auto file = detail::make_new_file(std::move(target), transfer_->executor());
    const std::uint64_t start = transfer_->position();
    std::uint64_t total = 0;
    std::exception_ptr failure;
    try {
        total = co_await write_file(file, work, options);
    }
    catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        // If the target was rejected before anything was read, the content can still be saved to
        // another one.
        if (transfer_->position() != start || work.reason()) {
            transfer_->abort(failure);
        }
        co_await remove(file, work);
        std::rethrow_exception(failure);
    }
    co_return total;
}

CYCLOS_DECL boost::asio::awaitable<void>
image_content::remove(std::shared_ptr<detail::new_file> file, detail::bounded_file_work& work)
{
    if (work.abandoned()) {
        co_return; // the abandoned job still uses the file, and removes it by releasing it
    }
    try {
        const auto removal = detail::make_file_job([file] {
            file->discard();
            return true;
        });
        co_await work.run_cleanup(removal);
    }
    catch (...) { // NOLINT(bugprone-empty-catch): for the reason below
        // No thread can run the job. The destructor of the file removes it from the disk.
    }
}

CYCLOS_DECL boost::asio::awaitable<std::uint64_t>
image_content::write_file(std::shared_ptr<detail::new_file> file, detail::bounded_file_work& work,
                          save_options options)
{
    const auto open = detail::make_file_job([file, options] {
        error_code ec;
        file->open(options.overwrite, ec);
        return ec;
    });
    const std::optional<error_code> opened = co_await work.run_for_error(open);
    require_written(*file, opened.value_or(error_code{}), work);

    const detail::shared_block block = detail::make_block(block_size);
    std::uint64_t total = 0;
    while (!done()) {
        std::size_t size = 0;
        while (size < block_size && !done()) {
            size += co_await transfer_->read_some(
                boost::asio::buffer(block.get() + size, block_size - size));
        }
        const auto write = detail::make_file_job([file, block, size] {
            error_code ec;
            file->write({block.get(), size}, ec);
            return ec;
        });
        const std::optional<error_code> written = co_await work.run_for_error(write);
        require_written(*file, written.value_or(error_code{}), work);
        total += size;
    }

    const auto commit = detail::make_file_job([file, options] {
        error_code ec;
        file->commit(options.overwrite, options.durable, ec);
        return ec;
    });
    const std::optional<error_code> committed = co_await work.run_for_error(commit);
    const error_code ec = committed.value_or(error_code{});
    if (ec && file->in_place()) {
        detail::throw_target_failed(
            file->target(), ec,
            transfer_->state().context(
                "the file is in place, but may not survive a loss of power"));
    }
    if (!committed || ec) { // a committed file is a success, even after a cancellation
        require_written(*file, ec, work);
    }
    co_return total;
}

CYCLOS_DECL void image_content::require_written(const detail::new_file& file, const error_code& ec,
                                                detail::bounded_file_work& work) const
{
    if (ec) {
        detail::throw_target_failed(file.target(), ec, transfer_->state().context());
    }
    if (const error_code reason = work.reason()) {
        transfer_->state().fail(reason, "while writing " + detail::path_text(file.target()));
    }
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_IMAGE_CONTENT_IPP

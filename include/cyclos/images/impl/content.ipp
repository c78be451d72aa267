//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGES_IMPL_CONTENT_IPP
#define CYCLOS_IMAGES_IMPL_CONTENT_IPP

#include <cyclos/images/content.hpp>

#include <cyclos/detail/file_work.hpp>
#include <cyclos/detail/new_file.hpp>
#include <cyclos/detail/on_strand.hpp>
#include <cyclos/detail/whole_text.hpp>
#include <cyclos/http/date.hpp>
#include <cyclos/impl/download.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <functional>

namespace cyclos::inline CYCLOS_ABI {

CYCLOS_DECL image_content::image_content() = default;
CYCLOS_DECL image_content::image_content(image_content&&) noexcept = default;
CYCLOS_DECL image_content& image_content::operator=(image_content&&) noexcept = default;
CYCLOS_DECL image_content::~image_content() = default;

CYCLOS_DECL image_content::image_content(std::unique_ptr<detail::download> transfer, std::string name)
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

CYCLOS_DECL void image_content::on_progress(progress_hook hook)
{
    if (transfer_) {
        transfer_->on_progress(std::move(hook));
    }
}

CYCLOS_DECL boost::asio::any_io_executor image_content::get_executor() const noexcept
{
    // Content with nothing in it belongs to no client.
    return transfer_ ? transfer_->executor() : boost::asio::any_io_executor{boost::asio::system_executor{}};
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

CYCLOS_DECL boost::asio::awaitable<std::size_t> image_content::read_some(boost::asio::mutable_buffer target)
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
    // The first coroutine of an operation: it takes every cancellation, as a read of a socket does.
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::enable_total_cancellation());
    stream_step step;
    try {
        step.bytes = co_await read_some(target);
        if (step.bytes == 0 && target.size() > 0) {
            step.failure = boost::asio::error::eof;
        }
    }
    catch (const boost::system::system_error& why) {
        step.failure = why.code();
    }
    catch (...) {
        step.failure = boost::asio::error::operation_aborted; // by somebody's hook: a code cannot say more
    }
    co_return step;
}

CYCLOS_DECL operation<std::string> image_content::read_all(std::uint64_t limit)
{
    return read_on_strand(limit);
}

CYCLOS_DECL boost::asio::awaitable<std::string> image_content::read_on_strand(std::uint64_t limit)
{
    require_content();
    if (done()) {
        co_return std::string{};
    }
    co_return co_await detail::on_strand(transfer_->executor(), read_whole(limit));
}

CYCLOS_DECL void image_content::fail_limit(std::string detail) const
{
    throw error(errc::body_limit, transfer_->state().context(std::move(detail)));
}

CYCLOS_DECL boost::asio::awaitable<std::string> image_content::read_whole(std::uint64_t limit)
{
    detail::whole_text text{limit};
    if (const auto expected = length()) {
        if (*expected > text.limit()) {
            fail_limit(std::to_string(*expected) + " bytes");
        }
        text.expect(*expected);
    }
    while (!transfer_->done()) {
        text.received(co_await transfer_->read_some(text.room()));
        if (text.exceeds_limit()) {
            fail_limit("more than " + std::to_string(text.limit()) + " bytes");
        }
    }
    co_return text.take();
}

CYCLOS_DECL operation<std::uint64_t> image_content::save_to(std::filesystem::path target, save_options options)
{
    return save_on_strand(std::move(target), options);
}

CYCLOS_DECL boost::asio::awaitable<std::uint64_t> image_content::save_on_strand(std::filesystem::path target,
                                                                                save_options options)
{
    require_content();
    boost::asio::any_io_executor where = get_executor();
    if (!transfer_) {
        where = boost::asio::make_strand(co_await boost::asio::this_coro::executor);
    }
    co_return co_await detail::on_strand(where, save(std::move(target), options));
}

CYCLOS_DECL void image_content::fail_target(const std::filesystem::path& target, const error_code& why) const
{
    std::string what = detail::path_text(target) + ": " + why.message();
    error_context where;
    if (transfer_) {
        where = transfer_->state().context(std::move(what));
    }
    else {
        where.detail = std::move(what);
    }
    throw error(why == boost::system::errc::file_exists ? errc::target_exists : errc::target_failed, std::move(where));
}

CYCLOS_DECL boost::asio::awaitable<std::uint64_t> image_content::save(std::filesystem::path target,
                                                                      save_options options)
{
    const auto file = std::make_shared<detail::new_file>(std::move(target));
    error_code ec;
    std::function<void()> work = [&] { file->open(options.overwrite, ec); };
    co_await detail::run_blocking(work);
    if (ec) {
        fail_target(file->target(), ec);
    }

    const auto block = std::make_unique_for_overwrite<char[]>(block_size);
    std::uint64_t total = 0;
    while (!done()) {
        std::size_t size = 0;
        while (size < block_size && !done()) {
            size += co_await transfer_->read_some(boost::asio::buffer(block.get() + size, block_size - size));
        }
        work = [&] { file->write({block.get(), size}, ec); };
        co_await detail::run_blocking(work);
        if (ec) {
            fail_target(file->target(), ec);
        }
        total += size;
    }
    work = [&] { file->commit(options.overwrite, options.sync, ec); };
    co_await detail::run_blocking(work);
    if (ec) {
        fail_target(file->target(), ec);
    }
    co_return total;
}

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_IMAGES_IMPL_CONTENT_IPP

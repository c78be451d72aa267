//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_FILE_SOURCE_IPP
#define CYCLOS_DETAIL_IMPL_FILE_SOURCE_IPP

#include <cyclos/file_source.hpp>

#include <cyclos/detail/base/file_reader.hpp>
#include <cyclos/detail/base/file_work.hpp>
#include <cyclos/error.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <cstring>

namespace cyclos {
inline namespace CYCLOS_ABI {

struct file_source::state
{
    // Shared with the jobs that use the file. It is closed on a file thread when the last owner
    // releases it.
    std::shared_ptr<detail::file_reader> file;

    std::uint64_t length = 0; // of the range to read
    std::uint64_t read = 0;   // bytes of it so far
};

namespace detail {

[[noreturn]] inline void throw_source_failed(const std::filesystem::path& path,
                                             const error_code& reason, std::string_view advice = {})
{
    error_context context;
    context.detail =
        path_text(path) + ": " + (advice.empty() ? reason.message() : std::string{advice});
    context.cause = reason;
    if (reason == boost::system::errc::value_too_large) {
        context.detail +=
            "; files of 2 GiB and more need -D_FILE_OFFSET_BITS=64 in a program of 32 bits";
    }
    throw error(errc::source_failed, std::move(context));
}

/// The result of opening a file.
struct opened_file
{
    std::shared_ptr<file_reader> file = {};
    error_code failure = {};
    std::string_view advice = {};
};

/// The result of checking a file without opening it.
struct checked_file
{
    std::uint64_t size = 0;
    error_code failure = {};
    std::string_view advice = {};
};

/// The result of reading from a file.
struct read_outcome
{
    std::size_t bytes = 0;
    error_code failure = {};
};

[[noreturn]] inline void throw_source_cancelled()
{
    throw error(errc::cancelled, {});
}

} // namespace detail

CYCLOS_DECL file_source::file_source(std::filesystem::path path, std::string file_name,
                                     std::string media_type, file_range range)
    : path_(std::move(path))
    , range_(range)
    , file_name_(std::move(file_name))
    , media_type_(std::move(media_type))
    , state_(std::make_unique<state>())
{
    if (file_name_.empty()) {
        file_name_ = detail::path_text(path_.filename());
    }
}

CYCLOS_DECL file_source::file_source(file_source&&) noexcept = default;
CYCLOS_DECL file_source::~file_source() = default;

CYCLOS_DECL boost::asio::awaitable<void> file_source::open()
{
    const auto queue = detail::file_threads::of(co_await boost::asio::this_coro::executor);
    const auto job = detail::make_file_job([path = path_, queue] {
        detail::opened_file result;
        result.file.reset(new detail::file_reader,
                          detail::destroy_on_file_thread<detail::file_reader>{queue});
        result.advice = result.file->open(path, result.failure);
        return result;
    });
    if (!co_await detail::run_file_job(job)) {
        detail::throw_source_cancelled();
    }
    detail::opened_file opened = job->take_result();
    if (opened.failure) {
        detail::throw_source_failed(path_, opened.failure, opened.advice);
    }
    state_->length = length_within(opened.file->size());
    state_->file = std::move(opened.file);
    state_->read = 0;
}

CYCLOS_DECL std::uint64_t file_source::length_within(std::uint64_t size) const
{
    // The range must be inside the file.
    if (range_.offset > size || range_.length.value_or(0) > size - range_.offset) {
        detail::throw_source_failed(path_,
                                    make_error_code(boost::system::errc::result_out_of_range));
    }
    return range_.length.value_or(size - range_.offset);
}

CYCLOS_DECL boost::asio::awaitable<std::optional<std::uint64_t>> file_source::check()
{
    const auto job = detail::make_file_job([path = path_] {
        detail::checked_file result;
        result.advice = detail::file_reader::check(path, result.failure);
        std::error_code unknown;
        if (!result.failure) {
            result.size = std::filesystem::file_size(path, unknown);
        }
        if (unknown) {
            result.failure = detail::system_error_of(unknown);
        }
        return result;
    });
    if (!co_await detail::run_file_job(job)) {
        detail::throw_source_cancelled();
    }
    const detail::checked_file checked = job->take_result();
    if (checked.failure) {
        detail::throw_source_failed(path_, checked.failure, checked.advice);
    }
    co_return length_within(checked.size);
}

CYCLOS_DECL boost::asio::awaitable<void> file_source::rewind()
{
    state_->read = 0;
    co_return;
}

CYCLOS_DECL std::optional<std::uint64_t> file_source::length() const
{
    return state_->length;
}
CYCLOS_DECL std::string file_source::file_name() const
{
    return file_name_;
}
CYCLOS_DECL std::string file_source::media_type() const
{
    return media_type_;
}

CYCLOS_DECL boost::asio::awaitable<std::size_t>
file_source::read_some(boost::asio::mutable_buffer target)
{
    // The job reads into a block of its own: if the caller stops waiting, its buffer may be gone
    // before the system call returns.
    const std::size_t size = std::min<std::size_t>(target.size(), 256 * 1024);
    const detail::shared_block block = detail::make_block(size);
    const std::size_t bytes = co_await read_into(block, boost::asio::buffer(block.get(), size));
    boost::asio::buffer_copy(target, boost::asio::buffer(block.get(), bytes));
    co_return bytes;
}

CYCLOS_DECL boost::asio::awaitable<std::size_t>
file_source::read_into(detail::shared_block block, boost::asio::mutable_buffer target)
{
    if (!state_->file) {
        detail::throw_source_failed(path_,
                                    make_error_code(boost::system::errc::bad_file_descriptor));
    }
    std::size_t size = target.size();
    if (range_.length) {
        // Never read beyond the range: further bytes would look as if the file had grown.
        size =
            static_cast<std::size_t>(std::min<std::uint64_t>(size, state_->length - state_->read));
    }
    if (size == 0) {
        co_return std::size_t{0};
    }
    const auto job = detail::make_file_job([file = state_->file, owned_block = std::move(block),
                                            size, destination = static_cast<char*>(target.data()),
                                            offset = range_.offset + state_->read] {
        detail::read_outcome result;
        result.bytes = file->read(offset, destination, size, result.failure);
        return result;
    });
    if (!co_await detail::run_file_job(job)) {
        detail::throw_source_cancelled();
    }
    const detail::read_outcome outcome = job->take_result();
    if (outcome.failure) {
        detail::throw_source_failed(path_, outcome.failure);
    }
    state_->read += outcome.bytes;
    co_return outcome.bytes;
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_FILE_SOURCE_IPP

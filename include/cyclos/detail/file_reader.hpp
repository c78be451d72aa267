//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_FILE_READER_HPP
#define CYCLOS_DETAIL_FILE_READER_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/file_work.hpp>
#include <cyclos/detail/native_file.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#if defined(BOOST_ASIO_HAS_FILE)
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/stream_file.hpp>
#include <boost/asio/use_awaitable.hpp>
#else
#include <boost/beast/core/file.hpp>
#endif

#include <cstdint>
#include <filesystem>
#include <optional>

namespace cyclos::inline CYCLOS_ABI::detail {

/** Reads a file from its beginning to its end without blocking the event loop: through Asio's files where the
    system has asynchronous ones (io_uring, Windows), on a file thread elsewhere.
*/
class file_reader
{
public:
    using error_code = boost::system::error_code;

    /// Opens the file, and asks for its size. It runs on the executor of the caller.
    asio::awaitable<std::uint64_t> open(std::filesystem::path path, error_code& ec)
    {
        std::uint64_t size = 0;
#if defined(BOOST_ASIO_HAS_FILE)
        file_.emplace(co_await asio::this_coro::executor);
        open_file(*file_, path, ec);
        if (!ec) {
            size = file_->size(ec);
        }
#else
        std::function<void()> work = [&] {
            open_file(file_, path, boost::beast::file_mode::scan, ec);
            if (!ec) {
                size = file_.size(ec);
            }
        };
        co_await run_blocking(std::move(work));
#endif
        co_return size;
    }

    /// Goes to a place that is so many bytes behind the beginning.
    asio::awaitable<void> seek(std::uint64_t offset, error_code& ec)
    {
#if defined(BOOST_ASIO_HAS_FILE)
        file_->seek(static_cast<std::int64_t>(offset), asio::stream_file::seek_set, ec);
        co_return;
#else
        std::function<void()> work = [&] { file_.seek(offset, ec); };
        co_await run_blocking(std::move(work));
#endif
    }

    /// Reads at least one byte; 0 at the end of the file.
    asio::awaitable<std::size_t> read_some(asio::mutable_buffer target, error_code& ec)
    {
        std::size_t bytes = 0;
#if defined(BOOST_ASIO_HAS_FILE)
        bytes = co_await file_->async_read_some(target, asio::redirect_error(asio::use_awaitable, ec));
        if (ec == asio::error::eof) {
            ec = {};
        }
#else
        std::function<void()> work = [&] { bytes = file_.read(target.data(), target.size(), ec); };
        co_await run_blocking(std::move(work));
#endif
        co_return bytes;
    }

private:
#if defined(BOOST_ASIO_HAS_FILE)
    std::optional<asio::stream_file> file_;
#else
    boost::beast::file file_;
#endif
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_FILE_READER_HPP

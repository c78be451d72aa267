//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_FILE_READER_HPP
#define CYCLOS_DETAIL_BASE_FILE_READER_HPP

#include <cyclos/detail/base/native_file.hpp>
#include <cyclos/detail/config.hpp>

#include <boost/beast/core/file.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string_view>
#include <system_error>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/** A file opened for reading. All functions block, so they run on a file thread.

    Each read names its offset. So a read that was abandoned and is still running does not move the
    position of the next one.
*/
class file_reader
{
public:
    using error_code = boost::system::error_code;

    /** Checks that a path names a regular file. A pipe without a writer would block, or read as an
        empty file.

        @return An explanation in addition to the error code, as a string literal, or an empty view.
    */
    static std::string_view check(const std::filesystem::path& path, error_code& ec)
    {
        using std::filesystem::file_type;
        std::error_code status_error;
        switch (std::filesystem::status(path, status_error).type()) {
        case file_type::regular: return {};
        case file_type::not_found:
            ec = make_error_code(boost::system::errc::no_such_file_or_directory);
            return {};
        case file_type::directory:
            ec = make_error_code(boost::system::errc::is_a_directory);
            return {};
        case file_type::none:
            // For example, a directory without search permission.
            ec = system_error_of(status_error);
            return {};
        default:
            ec = make_error_code(boost::system::errc::operation_not_supported);
            return "it is no regular file; stream_source uploads from pipes, sockets and devices";
        }
    }

    /// Opens a regular file. @return An explanation, as check() does.
    std::string_view open(const std::filesystem::path& path, error_code& ec)
    {
        const std::string_view explanation = check(path, ec);
        if (ec) {
            return explanation;
        }
        open_file(file_, path, boost::beast::file_mode::scan, ec);
        if (!ec) {
            size_ = file_.size(ec);
        }
        char first = 0;
        if (!ec && size_ == 0 && read(0, &first, 1, ec) > 0) {
            ec = make_error_code(boost::system::errc::operation_not_supported);
            return "its size is given as 0, but it has content, as files in /proc do; "
                   "stream_source or memory_source "
                   "uploads it";
        }
        return {};
    }

    /// The size of the file when it was opened.
    std::uint64_t size() const noexcept { return size_; }

    /// Reads at least one byte; returns 0 only at the end of the file.
    std::size_t read(std::uint64_t offset, char* target, std::size_t size, error_code& ec)
    {
        // An abandoned read may still be running.
        const std::lock_guard lock{mutex_};
        if (offset != position_) {
            file_.seek(offset, ec);
            if (ec) {
                return 0;
            }
            position_ = offset;
        }
        const std::size_t bytes = file_.read(target, size, ec);
        position_ += bytes;
        return bytes;
    }

private:
    std::mutex mutex_;
    boost::beast::file file_;
    std::uint64_t position_ = 0;
    std::uint64_t size_ = 0;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_FILE_READER_HPP

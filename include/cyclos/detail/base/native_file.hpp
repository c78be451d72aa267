//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_NATIVE_FILE_HPP
#define CYCLOS_DETAIL_BASE_NATIVE_FILE_HPP

#include <cyclos/detail/config.hpp>

#include <boost/beast/core/file.hpp>
#include <boost/system/error_code.hpp>

#if defined(_WIN32)
#include <boost/asio/detail/socket_types.hpp> // includes <windows.h>, and <winsock2.h> before it
#else
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

#include <filesystem>
#include <string>
#include <system_error>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

// File operations that differ between operating systems. On Windows a path is UTF-16, and
// path::string() converts it to UTF-8 or to a legacy code page, depending on the standard library.

/// A path as a string: UTF-8 on Windows, the bytes of the path elsewhere.
inline std::string path_text(const std::filesystem::path& path)
{
    const std::u8string text = path.u8string();
    return {reinterpret_cast<const char*>(text.data()), text.size()};
}

inline boost::system::error_code last_system_error() noexcept
{
#if defined(_WIN32)
    return {static_cast<int>(::GetLastError()), boost::system::system_category()};
#else
    return {errno, boost::system::system_category()};
#endif
}

/// Converts an error code of the standard library to one of Boost. An implicit conversion would
/// give it a category that Boost does not know, with a hash as its value.
inline boost::system::error_code system_error_of(const std::error_code& code) noexcept
{
    if (code.category() == std::generic_category()) {
        return {code.value(), boost::system::generic_category()};
    }
    if (code.category() == std::system_category()) {
        return {code.value(), boost::system::system_category()};
    }
    return code;
}

/// Opens a file with any name. Beast expects names in the encoding of path_text().
inline void open_file(boost::beast::file& file, const std::filesystem::path& path,
                      boost::beast::file_mode mode, boost::system::error_code& ec)
{
    file.open(path_text(path).c_str(), mode, ec);
}

/// Creates a file for writing; fails if it exists. @param owner_only Deny other users access for
/// now.
inline void create_file(boost::beast::file& file, const std::filesystem::path& path,
                        bool owner_only, boost::system::error_code& ec)
{
#if BOOST_BEAST_USE_POSIX_FILE
    // Beast would create the file with mode 0644 even if the umask allows more.
    const int handle =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_only ? 0600 : 0666);
    if (handle < 0) {
        ec = last_system_error();
        return;
    }
    file.native_handle(handle);
#else
    static_cast<void>(owner_only);
    open_file(file, path, boost::beast::file_mode::write_new, ec);
#endif
}

/// Opens an existing pipe or device for writing. Blocks until a pipe has a reader.
inline void open_existing(boost::beast::file& file, const std::filesystem::path& path,
                          boost::system::error_code& ec)
{
#if BOOST_BEAST_USE_POSIX_FILE
    const int handle = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (handle < 0) {
        ec = last_system_error();
        return;
    }
    file.native_handle(handle);
#else
    open_file(file, path, boost::beast::file_mode::write_existing, ec);
#endif
}

/** Copies the mode of a file to a new one, and its owner and group if the process may set them.

    If the group cannot be set, the new file gets no group permissions.
*/
inline void copy_permissions(const std::filesystem::path& from, boost::beast::file& to,
                             boost::system::error_code& ec)
{
#if BOOST_BEAST_USE_POSIX_FILE
    struct ::stat source{};
    struct ::stat target{};
    const int handle = to.native_handle();
    if (::stat(from.c_str(), &source) != 0 || ::fstat(handle, &target) != 0) {
        ec = last_system_error();
        return;
    }
    ::mode_t mode = source.st_mode & 07777U;
    // Without the same owner or group, set-user-ID and set-group-ID bits would grant the rights of
    // another user or group.
    if (source.st_gid != target.st_gid &&
        ::fchown(handle, static_cast<::uid_t>(-1), source.st_gid) != 0) {
        mode &= 0707U;
    }
    if (source.st_uid != target.st_uid &&
        ::fchown(handle, source.st_uid, static_cast<::gid_t>(-1)) != 0) {
        mode &= 0777U;
    }
    if (::fchmod(handle, mode) != 0) {
        ec = last_system_error();
    }
#else
    static_cast<void>(from);
    static_cast<void>(to);
    static_cast<void>(ec);
#endif
}

/// Renames a file unless the new name exists. @return False if the system has no atomic operation
/// for that.
inline bool rename_unless_exists(const std::filesystem::path& from, const std::filesystem::path& to,
                                 std::error_code& ec)
{
#if defined(__GLIBC__) && defined(RENAME_NOREPLACE)
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
        return true;
    }
    ec = last_system_error();
    return ec == std::errc::file_exists;
#else
    static_cast<void>(from);
    static_cast<void>(to);
    static_cast<void>(ec);
    return false;
#endif
}

inline long process_id() noexcept
{
#if defined(_WIN32)
    return static_cast<long>(::GetCurrentProcessId());
#else
    return static_cast<long>(::getpid());
#endif
}

/// Blocks all signals on a thread of the library: the program's own threads handle them. SIGPIPE is
/// blocked, too, so that writing to a pipe without a reader is an error of the write.
inline void block_signals() noexcept
{
#if !defined(_WIN32)
    ::sigset_t all;
    sigfillset(&all); // a macro on Apple's systems
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
#endif
}

/// Flushes a directory, so that new names in it are on disk, if the file system supports that.
inline void flush_folder(const std::filesystem::path& folder, boost::system::error_code& ec)
{
#if BOOST_BEAST_USE_POSIX_FILE
    const int handle =
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (handle < 0) {
        ec = last_system_error();
        return;
    }
    if (::fsync(handle) != 0 && errno != EINVAL && errno != ENOTSUP) {
        ec = last_system_error();
    }
    ::close(handle);
#else
    static_cast<void>(folder);
    static_cast<void>(ec);
#endif
}

/// Waits until the content written is on disk.
inline void flush_to_disk(boost::beast::file& file, boost::system::error_code& ec)
{
#if BOOST_BEAST_USE_WIN32_FILE
    if (::FlushFileBuffers(file.native_handle()) == 0) {
        ec = last_system_error();
    }
#elif BOOST_BEAST_USE_POSIX_FILE
#if defined(F_FULLFSYNC)
    // On Apple's systems fsync() leaves the data in the cache of the drive. Some file systems do
    // not support F_FULLFSYNC, so fsync() is the fallback.
    if (::fcntl(file.native_handle(), F_FULLFSYNC) != -1) {
        return;
    }
#endif
    if (::fsync(file.native_handle()) != 0) {
        ec = last_system_error();
    }
#else
    static_cast<void>(file);
    ec = make_error_code(boost::system::errc::not_supported);
#endif
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_NATIVE_FILE_HPP

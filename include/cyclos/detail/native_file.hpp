//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NATIVE_FILE_HPP
#define CYCLOS_DETAIL_NATIVE_FILE_HPP

#include <cyclos/detail/config.hpp>

#include <boost/beast/core/file.hpp>
#include <boost/system/error_code.hpp>

#if defined(_WIN32)
#include <boost/asio/detail/socket_types.hpp> // <windows.h>, with <winsock2.h> before it
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

namespace cyclos::inline CYCLOS_ABI::detail {

// What the library does with files, and not the same way on every system. A path on Windows is UTF-16, and
// path::string() is UTF-8 or what a legacy code page has of it, as the standard library likes.

/// A path as text: UTF-8 on Windows, the bytes of the path elsewhere.
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

/// A code of the standard library as one of Boost's. Assigned, it would be of a category that Boost does not know, with
/// a hash for its value.
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

/// Opens a file whatever its name is. Beast takes names as path_text() gives them.
inline void open_file(boost::beast::file& file, const std::filesystem::path& path, boost::beast::file_mode mode,
                      boost::system::error_code& ec)
{
    file.open(path_text(path).c_str(), mode, ec);
}

/// Creates a file that does not exist, for writing. @param closed Nobody else may open it for now.
inline void create_file(boost::beast::file& file, const std::filesystem::path& path, bool closed,
                        boost::system::error_code& ec)
{
#if BOOST_BEAST_USE_POSIX_FILE
    // Beast would create it with the mode 0644, whatever the umask allows.
    const int handle = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, closed ? 0600 : 0666);
    if (handle < 0) {
        ec = last_system_error();
        return;
    }
    file.native_handle(handle);
#else
    static_cast<void>(closed);
    open_file(file, path, boost::beast::file_mode::write_new, ec);
#endif
}

/// Opens a pipe or a device for writing, as it is. It waits until the pipe has a reader.
inline void open_existing(boost::beast::file& file, const std::filesystem::path& path, boost::system::error_code& ec)
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

/** Gives a new file the mode of another one, and its owner and group as far as that is allowed.

    If the group is another one, it gets none of the rights that the mode gives to the group.
*/
inline void copy_permissions(const std::filesystem::path& from, boost::beast::file& to, boost::system::error_code& ec)
{
#if BOOST_BEAST_USE_POSIX_FILE
    struct ::stat wanted{};
    struct ::stat now{};
    const int handle = to.native_handle();
    if (::stat(from.c_str(), &wanted) != 0 || ::fstat(handle, &now) != 0) {
        ec = last_system_error();
        return;
    }
    ::mode_t mode = wanted.st_mode & 07777U;
    // What lets others act as the owner or the group would be for another one.
    if (wanted.st_gid != now.st_gid && ::fchown(handle, static_cast<::uid_t>(-1), wanted.st_gid) != 0) {
        mode &= 0707U;
    }
    if (wanted.st_uid != now.st_uid && ::fchown(handle, wanted.st_uid, static_cast<::gid_t>(-1)) != 0) {
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

/// Renames a file if the new name is not taken. False: the system cannot do that in one step.
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

/// A thread of the library leaves signals to those of the program, and a pipe without a reader is an error of its
/// write.
inline void block_signals() noexcept
{
#if !defined(_WIN32)
    ::sigset_t all;
    sigfillset(&all); // a macro on Apple's systems
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
#endif
}

/// Waits until the names in a folder are on the disk, as far as the file system knows of such a thing.
inline void flush_folder(const std::filesystem::path& folder, boost::system::error_code& ec)
{
#if BOOST_BEAST_USE_POSIX_FILE
    const int handle = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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

/// Waits until what was written is on the disk.
inline void flush_to_disk(boost::beast::file& file, boost::system::error_code& ec)
{
#if BOOST_BEAST_USE_WIN32_FILE
    if (::FlushFileBuffers(file.native_handle()) == 0) {
        ec = last_system_error();
    }
#elif BOOST_BEAST_USE_POSIX_FILE
#if defined(F_FULLFSYNC)
    // On Apple's systems fsync() leaves the bytes in the cache of the drive. Not every file system has the other.
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

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_NATIVE_FILE_HPP

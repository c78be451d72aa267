//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NATIVE_FILE_HPP
#define CYCLOS_DETAIL_NATIVE_FILE_HPP

#include <cyclos/detail/config.hpp>

#include <boost/asio/detail/config.hpp> // what BOOST_ASIO_HAS_FILE depends on
#include <boost/beast/core/file.hpp>
#include <boost/system/error_code.hpp>

#if defined(BOOST_ASIO_HAS_FILE)
#include <boost/asio/stream_file.hpp>
#endif

#if defined(_WIN32)
#include <boost/asio/detail/socket_types.hpp> // <windows.h>, with <winsock2.h> before it
#else
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#endif

#include <filesystem>
#include <string>

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

/// Opens a file whatever its name is. Beast takes names as path_text() gives them.
inline void open_file(boost::beast::file& file, const std::filesystem::path& path, boost::beast::file_mode mode,
                      boost::system::error_code& ec)
{
    file.open(path_text(path).c_str(), mode, ec);
}

#if defined(BOOST_ASIO_HAS_FILE)
/// Opens a file for reading whatever its name is. Asio takes names of the legacy code page on Windows.
inline void open_file(boost::asio::stream_file& file, const std::filesystem::path& path, boost::system::error_code& ec)
{
#if defined(_WIN32)
    constexpr ::DWORD everybody = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    const ::HANDLE handle = ::CreateFileW(path.c_str(), GENERIC_READ, everybody, nullptr, OPEN_EXISTING,
                                          FILE_FLAG_OVERLAPPED | FILE_FLAG_SEQUENTIAL_SCAN, nullptr);
    if (handle == INVALID_HANDLE_VALUE) {
        ec = last_system_error();
        return;
    }
    file.assign(handle, ec);
    if (ec) {
        ::CloseHandle(handle);
    }
#else
    file.open(path.c_str(), boost::asio::stream_file::read_only, ec);
#endif
}
#endif

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

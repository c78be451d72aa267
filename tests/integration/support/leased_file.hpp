//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_LEASED_FILE_HPP
#define CYCLOS_TESTS_LEASED_FILE_HPP

#include "integration/support/await.hpp"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace cyclos::test {

/** Makes open() of a file block while it exists, like a network file system without its server;
    Linux breaks the lease after 45 seconds.
*/
class leased_file
{
public:
    explicit leased_file(const std::filesystem::path& path)
        : file_(::open(path.c_str(), O_RDWR | O_CLOEXEC))
    {
        // A waiter raises a signal: this one is ignored.
        if (file_ < 0 || ::fcntl(file_, F_SETSIG, SIGURG) != 0 ||
            ::fcntl(file_, F_SETLEASE, F_WRLCK) != 0) {
            const std::error_code failure{errno, std::generic_category()};
            ::close(file_);
            throw std::system_error{failure, path.string()};
        }
    }

    leased_file(const leased_file&) = delete;
    leased_file& operator=(const leased_file&) = delete;
    ~leased_file() { ::close(file_); }

    /// Whether a thread is blocked in open().
    bool waited_for() const { return ::fcntl(file_, F_GETLEASE) != F_WRLCK; }

private:
    int file_;
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_LEASED_FILE_HPP

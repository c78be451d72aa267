//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_LAUNCH_HPP
#define CYCLOS_TESTS_LAUNCH_HPP

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace cyclos::test {

/// A file descriptor that is closed with the object.
class descriptor
{
public:
    descriptor() = default;
    explicit descriptor(int value) noexcept
        : value_{value}
    {}
    descriptor(descriptor&& other) noexcept
        : value_{other.release()}
    {}
    descriptor& operator=(descriptor&& other) noexcept;
    ~descriptor() { reset(); }

    int get() const noexcept { return value_; }
    explicit operator bool() const noexcept { return value_ >= 0; }
    int release() noexcept;
    void reset() noexcept;

private:
    int value_ = -1;
};

/// The columns and rows of a terminal.
struct window_size
{
    unsigned short columns = 80;
    unsigned short rows = 24;
};

/// The program to start.
struct process_options
{
    std::vector<std::string> command =
        {}; ///< The program, looked up in the PATH, and its arguments.
    std::map<std::string, std::string> environment =
        {}; ///< Set in addition to the environment of this process.
    std::filesystem::path working_directory = {}; ///< If empty, that of this process.
    bool own_group = false; ///< Makes the process and its children a process group.
    std::optional<window_size> terminal = {}; ///< If set, all streams are a terminal.
};

/// A process that runs, and our ends of its standard streams.
struct launched_process
{
    pid_t id = -1;
    descriptor input = {};
    descriptor output = {};
    descriptor errors = {}; ///< Not with a terminal: all output is in `output`.
};

/// Starts a process, which is killed with the thread that started it; throws `std::system_error` if
/// the program cannot be run. Only the streams are inherited.
launched_process launch(const process_options& options);

} // namespace cyclos::test

#endif // CYCLOS_TESTS_LAUNCH_HPP

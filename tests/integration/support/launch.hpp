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

/// What to start.
struct process_options
{
    std::vector<std::string> command =
        {}; ///< The program, looked up in the PATH, and its arguments.
    std::map<std::string, std::string> environment =
        {}; ///< Set in addition to the environment of this process.
    std::filesystem::path working_directory = {}; ///< That of this process where empty.
    bool own_group = false; ///< Makes a group of it and of the processes that it starts.
    std::optional<window_size> terminal =
        {}; ///< Where set, its streams are a terminal, and it has none else.
};

/// A process that runs, and our ends of its standard streams.
struct launched_process
{
    pid_t id = -1;
    descriptor input = {};
    descriptor output = {};
    descriptor errors =
        {}; ///< None where there is a terminal: all that is written comes to the output.
};

/// Starts a process, which is killed with the thread that started it; throws `std::system_error`
/// where the program cannot be run. No other descriptor than the streams is handed on.
launched_process launch(const process_options& options);

} // namespace cyclos::test

#endif // CYCLOS_TESTS_LAUNCH_HPP

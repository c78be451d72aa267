//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_CHILD_PROCESS_HPP
#define CYCLOS_TESTS_CHILD_PROCESS_HPP

#include "integration/support/launch.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace cyclos::test {

/// How a process ended: with an exit status, or by a signal.
struct process_end
{
    std::optional<int> status = {};
    std::optional<int> signal = {};
};

/** A program that runs beside the test, which controls its standard streams. There is no shell, and
    no open descriptor is inherited. Output is collected whenever a member function waits, both
    streams at once, so that the process never blocks on a full pipe. Every wait has a time limit
    and throws `std::runtime_error` with the output after it. The process is killed, by its own id,
    when the object is destroyed, and by the kernel if the test dies before.
*/
class child_process
{
public:
    using duration = std::chrono::milliseconds;
    static constexpr duration default_limit = std::chrono::seconds{60};

    /// Starts the process; throws `std::system_error` if the program cannot be run.
    explicit child_process(const process_options& options);
    child_process(const child_process&) = delete;
    child_process& operator=(const child_process&) = delete;
    ~child_process();

    pid_t id() const noexcept { return id_; }
    void send_signal(int number) const;

    /// Writes to standard input; returns when all is written, or the process stops reading.
    void write(std::string_view text, duration limit = default_limit);

    /// Changes the size of its terminal, and notifies it.
    /// @pre It was started with a terminal.
    void resize_terminal(window_size size);

    /// Closes its standard input.
    void close_input() noexcept { input_.reset(); }

    /// The rest of the first complete line on standard output that begins with the text.
    std::string wait_for_output(std::string_view begin, duration limit = default_limit);

    /// Returns once standard output contains the text.
    void wait_for_text(std::string_view text, duration limit = default_limit);

    /// Returns once standard error contains the text.
    void wait_for_error(std::string_view text, duration limit = default_limit);

    /// Waits for the process to end. Does not close its standard input.
    process_end wait(duration limit = default_limit);

    /// The standard output so far.
    const std::string& output();

    /// The standard error so far.
    const std::string& errors();

private:
    using time_point = std::chrono::steady_clock::time_point;

    bool collect_until(time_point deadline, bool watch_input);
    void collect_available();
    bool reap(bool block);
    void require(bool in_time, std::string_view problem) const;

    std::string name_;
    pid_t id_ = -1;
    descriptor watch_; // a pidfd, readable once the process has ended
    descriptor input_;
    descriptor output_;
    descriptor errors_;
    bool in_terminal_;
    std::string output_text_;
    std::string error_text_;
    std::optional<process_end> end_;
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_CHILD_PROCESS_HPP

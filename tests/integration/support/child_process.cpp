//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cyclos::test {
namespace {

using clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& problem)
{
    throw std::system_error{errno, std::generic_category(), problem};
}

void make_non_blocking(const descriptor& file)
{
    if (::fcntl(file.get(), F_SETFL, ::fcntl(file.get(), F_GETFL) | O_NONBLOCK) != 0)
        fail("fcntl");
}

/// Keeps SIGPIPE of a write in this thread from the process, as its disposition is shared.
class pipe_signal_guard
{
public:
    pipe_signal_guard()
    {
        sigemptyset(&set_);
        sigaddset(&set_, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &set_, &before_);
    }

    pipe_signal_guard(const pipe_signal_guard&) = delete;
    pipe_signal_guard& operator=(const pipe_signal_guard&) = delete;

    ~pipe_signal_guard()
    {
        const timespec at_once{};
        while (::sigtimedwait(&set_, nullptr, &at_once) >= 0)
            continue;
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

private:
    sigset_t set_;
    sigset_t before_;
};

/// Appends the available output; closes the descriptor at the end of the stream.
void read_available(descriptor& file, std::string& text)
{
    std::array<char, 16384> buffer;
    while (file) {
        const auto count = ::read(file.get(), buffer.data(), buffer.size());
        if (count > 0)
            text.append(buffer.data(), static_cast<std::size_t>(count));
        else if (count == 0 || errno == EIO) // EIO: a terminal that no process has open
            file.reset();
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR)
            fail("read");
    }
}

int milliseconds_until(clock::time_point deadline)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
    return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
}

} // namespace

child_process::child_process(const process_options& options)
    : name_{options.command.at(0)}
    , in_terminal_{options.terminal.has_value()}
{
    auto process = launch(options);
    id_ = process.id;
    input_ = std::move(process.input);
    output_ = std::move(process.output);
    errors_ = std::move(process.errors);
    for (const auto* file : {&input_, &output_, &errors_})
        if (*file)
            make_non_blocking(*file);
    // glibc 2.36 does not declare its function of that name for C++.
    watch_ = descriptor{static_cast<int>(::syscall(SYS_pidfd_open, id_, 0))};
    if (!watch_)
        fail("pidfd_open");
}

child_process::~child_process()
{
    if (id_ > 0 && !end_) {
        ::kill(id_, SIGKILL);
        reap(true);
    }
}

void child_process::send_signal(int number) const
{
    if (!end_ && ::kill(id_, number) != 0)
        fail("kill");
}

void child_process::write(std::string_view text, duration limit)
{
    const auto deadline = clock::now() + limit;
    const pipe_signal_guard guard;
    while (!text.empty() && input_) {
        const auto count = ::write(input_.get(), text.data(), text.size());
        if (count >= 0)
            text.remove_prefix(static_cast<std::size_t>(count));
        else if (errno == EPIPE)
            input_.reset();
        else if (errno == EAGAIN)
            require(collect_until(deadline, true), "did not read its standard input");
        else if (errno != EINTR)
            fail("write");
    }
}

void child_process::resize_terminal(window_size size)
{
    winsize wanted{};
    wanted.ws_col = size.columns;
    wanted.ws_row = size.rows;
    if (::ioctl(output_.get(), TIOCSWINSZ, &wanted) != 0)
        fail("ioctl");
}

std::string child_process::wait_for_output(std::string_view begin, duration limit)
{
    const auto deadline = clock::now() + limit;
    std::size_t line = 0;
    while (true) {
        for (auto end = output_text_.find('\n', line); end != std::string::npos;
             end = output_text_.find('\n', line)) {
            const auto text = std::string_view{output_text_}.substr(line, end - line);
            if (text.starts_with(begin))
                return std::string{text.substr(begin.size())};
            line = end + 1;
        }
        const std::string problem =
            "did not print a line that begins with \"" + std::string{begin} + '"';
        require(output_ && collect_until(deadline, false), problem);
    }
}

void child_process::wait_for_text(std::string_view text, duration limit)
{
    const auto deadline = clock::now() + limit;
    while (output_text_.find(text) == std::string::npos) {
        const std::string problem =
            "did not print \"" + std::string{text} + "\" to standard output";
        require(output_ && collect_until(deadline, false), problem);
    }
}

void child_process::wait_for_error(std::string_view text, duration limit)
{
    const auto deadline = clock::now() + limit;
    while (error_text_.find(text) == std::string::npos) {
        const std::string problem = "did not print \"" + std::string{text} + "\" to standard error";
        require(errors_ && collect_until(deadline, false), problem);
    }
}

process_end child_process::wait(duration limit)
{
    const auto deadline = clock::now() + limit;
    while (!reap(false))
        require(collect_until(deadline, false), "did not end");
    // The system forwards output to a terminal later.
    while (in_terminal_ && output_)
        require(collect_until(deadline, false), "did not close its terminal");
    collect_available();
    return *end_;
}

const std::string& child_process::output()
{
    collect_available();
    return output_text_;
}

const std::string& child_process::errors()
{
    collect_available();
    return error_text_;
}

/// Waits until something happens and collects the output; false after the deadline.
bool child_process::collect_until(time_point deadline, bool watch_input)
{
    // poll ignores closed descriptors, which are negative.
    std::array<pollfd, 4> files{
        pollfd{output_.get(), POLLIN, 0},
        pollfd{errors_.get(), POLLIN, 0},
        pollfd{watch_input ? input_.get() : -1, POLLOUT, 0},
        // After the end of the process it must not wake the poll again.
        pollfd{end_ ? -1 : watch_.get(), POLLIN, 0},
    };
    const int ready = ::poll(files.data(), files.size(), milliseconds_until(deadline));
    if (ready < 0 && errno != EINTR)
        fail("poll");
    collect_available();
    if (files[3].revents != 0)
        reap(false);
    return ready != 0;
}

void child_process::collect_available()
{
    read_available(output_, output_text_);
    read_available(errors_, error_text_);
}

/// Reaps the process, so that its id is not reused before; true once it has ended.
bool child_process::reap(bool block)
{
    if (end_)
        return true;
    int status = 0;
    pid_t ended = -1;
    do
        ended = ::waitpid(id_, &status, block ? 0 : WNOHANG);
    while (ended < 0 && errno == EINTR);
    if (ended <= 0)
        return false;
    process_end end;
    if (WIFEXITED(status))
        end.status = WEXITSTATUS(status);
    else
        end.signal = WTERMSIG(status);
    end_ = end;
    return true;
}

void child_process::require(bool in_time, std::string_view problem) const
{
    if (in_time)
        return;
    auto message = name_ + ' ' + std::string{problem};
    message += "\n--- standard output\n" + output_text_ + "--- standard error\n" + error_text_;
    throw std::runtime_error{message};
}

} // namespace cyclos::test

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/launch.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cyclos::test {
namespace {

[[noreturn]] void fail(const std::string& problem)
{
    throw std::system_error{errno, std::generic_category(), problem};
}

struct pipe_ends
{
    descriptor read = {};
    descriptor write = {};
};

pipe_ends make_pipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        fail("pipe");
    return {descriptor{ends[0]}, descriptor{ends[1]}};
}

using three_streams = std::array<descriptor, 3>;

/// Both sides of standard input, output and error.
struct stream_ends
{
    three_streams ours = {};
    three_streams theirs = {};
};

stream_ends open_pipes()
{
    stream_ends all;
    for (std::size_t i = 0; i < 3; ++i) {
        auto [read, write] = make_pipe();
        all.ours[i] = std::move(i == 0 ? write : read);
        all.theirs[i] = std::move(i == 0 ? read : write);
    }
    return all;
}

descriptor copy_of(int file)
{
    descriptor copy{::fcntl(file, F_DUPFD_CLOEXEC, 3)};
    if (!copy)
        fail("fcntl");
    return copy;
}

stream_ends open_terminal(window_size size)
{
    winsize wanted{};
    wanted.ws_col = size.columns;
    wanted.ws_row = size.rows;
    int master = -1;
    int slave = -1;
    if (::openpty(&master, &slave, nullptr, nullptr, &wanted) != 0)
        fail("openpty");
    const descriptor keyboard{master};
    const descriptor screen{slave};
    stream_ends all;
    all.ours = {copy_of(master), copy_of(master), descriptor{}};
    all.theirs = {copy_of(slave), copy_of(slave), copy_of(slave)};
    return all;
}

/// A null-terminated array of C strings, as exec wants it.
std::vector<char*> pointers(std::vector<std::string>& strings)
{
    std::vector<char*> result;
    for (auto& string : strings)
        result.push_back(string.data());
    result.push_back(nullptr);
    return result;
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& additions)
{
    std::vector<std::string> result;
    for (char** variable = environ; *variable; ++variable) {
        const std::string text = *variable;
        if (!additions.contains(text.substr(0, text.find('='))))
            result.push_back(text);
    }
    for (const auto& [name, value] : additions)
        result.push_back(name + "=" + value);
    return result;
}

/// Everything that the new process does before it runs the program. It is a copy of one thread of a
/// process with many, so it may not allocate or lock: async-signal-safe functions only.
struct new_process
{
    char* const* arguments = nullptr;
    char* const* environment = nullptr;
    const char* working_directory = nullptr;
    bool own_group = false;
    bool in_terminal = false;
    std::array<int, 3> streams = {};
    int failure = -1; // pipe for the number of an error
    pid_t parent = -1;

    [[noreturn]] void run() const
    {
        prepare();
        ::execvpe(arguments[0], arguments, environment);
        give_up();
    }

    void prepare() const
    {
        // If the test is killed, so is the process; it may have been killed already.
        if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent)
            give_up();
        if (own_group && ::setpgid(0, 0) != 0)
            give_up();
        if (in_terminal && ::setsid() < 0)
            give_up();
        // Ignored and blocked signals are inherited, which programs do not expect.
        for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE})
            ::signal(number, SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);

        for (int target = 0; target < 3; ++target)
            if (::dup2(streams[static_cast<std::size_t>(target)], target) < 0)
                give_up();
        // The controlling terminal, so that its keys send signals.
        if (in_terminal && ::ioctl(0, TIOCSCTTY, 0) != 0)
            give_up();
        // An inherited socket of the test would never be closed for its peer.
        if (::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
            give_up();
        if (working_directory && ::chdir(working_directory) != 0)
            give_up();
    }

    [[noreturn]] void give_up() const
    {
        const int number = errno;
        [[maybe_unused]] const auto written = ::write(failure, &number, sizeof number);
        ::_exit(127);
    }
};

} // namespace

descriptor& descriptor::operator=(descriptor&& other) noexcept
{
    reset();
    value_ = other.release();
    return *this;
}

int descriptor::release() noexcept
{
    return std::exchange(value_, -1);
}

void descriptor::reset() noexcept
{
    if (value_ >= 0)
        ::close(release());
}

launched_process launch(const process_options& options)
{
    auto arguments = options.command;
    auto environment = merged_environment(options.environment);
    const auto argument_pointers = pointers(arguments);
    const auto environment_pointers = pointers(environment);

    auto [ours, theirs] = options.terminal ? open_terminal(*options.terminal) : open_pipes();
    auto failure = make_pipe();

    new_process child;
    child.arguments = argument_pointers.data();
    child.environment = environment_pointers.data();
    child.working_directory =
        options.working_directory.empty() ? nullptr : options.working_directory.c_str();
    child.own_group = options.own_group;
    child.in_terminal = options.terminal.has_value();
    child.streams = {theirs[0].get(), theirs[1].get(), theirs[2].get()};
    child.failure = failure.write.get();
    child.parent = ::getpid();

    launched_process result;
    result.id = ::fork();
    if (result.id < 0)
        fail("fork");
    if (result.id == 0)
        child.run();

    // The pipe closes if the program runs.
    failure.write.reset();
    int number = 0;
    if (::read(failure.read.get(), &number, sizeof number) > 0) {
        ::waitpid(result.id, nullptr, 0);
        throw std::system_error{number, std::generic_category(), options.command.front()};
    }

    result.input = std::move(ours[0]);
    result.output = std::move(ours[1]);
    result.errors = std::move(ours[2]);
    return result;
}

} // namespace cyclos::test

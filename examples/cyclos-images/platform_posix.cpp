//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "platform.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

namespace tool {

namespace asio = boost::asio;

namespace {

int descriptor(standard_stream stream)
{
    return stream == standard_stream::input    ? STDIN_FILENO
           : stream == standard_stream::output ? STDOUT_FILENO
                                               : STDERR_FILENO;
}

error_code last_error()
{
    return {errno, boost::system::system_category()};
}

int check_result(int result)
{
    if (result < 0) {
        throw boost::system::system_error(last_error(), "standard stream");
    }
    return result;
}

/// The signal that was caught while a prompt was waiting; 0 if there was none.
volatile std::sig_atomic_t caught_signal = 0;

extern "C" void remember_signal(int signal)
{
    caught_signal = signal;
}

/// Disables the echo of the terminal on standard input, and catches signals. They are blocked
/// except while wait_for_input() waits.
class silent_terminal
{
public:
    silent_terminal()
    {
        caught_signal = 0;
        struct ::sigaction remember{};
        remember.sa_handler = remember_signal; // without SA_RESTART
        ::sigset_t blocked{};
        sigemptyset(&blocked);
        for (const int signal : signals) {
            sigaddset(&blocked, signal);
        }
        ::sigprocmask(SIG_BLOCK, &blocked, &allowed_);
        for (std::size_t n = 0; n < signals.size(); ++n) {
            ::sigaction(signals[n], nullptr, &before_[n]);
            if (before_[n].sa_handler != SIG_IGN) {
                ::sigaction(signals[n], &remember, nullptr);
            }
        }
        ::tcgetattr(STDIN_FILENO, &mode_);
        ::termios silent = mode_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }

    /// Waits until input is available. @return False if a signal was caught instead.
    bool wait_for_input() const
    {
        while (caught_signal == 0) {
            ::fd_set input;
            FD_ZERO(&input);
            FD_SET(STDIN_FILENO, &input);
            if (::pselect(STDIN_FILENO + 1, &input, nullptr, nullptr, nullptr, &allowed_) >= 0 ||
                errno != EINTR) {
                return true; // if pselect() failed, read() will fail
            }
        }
        return false;
    }

    silent_terminal(const silent_terminal&) = delete;
    silent_terminal& operator=(const silent_terminal&) = delete;

    ~silent_terminal()
    {
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode_);
        for (std::size_t n = 0; n < signals.size(); ++n) {
            ::sigaction(signals[n], &before_[n], nullptr);
        }
        ::sigprocmask(SIG_SETMASK, &allowed_, nullptr);
    }

private:
    static constexpr std::array<int, 5> signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

    ::sigset_t allowed_{};
    ::termios mode_{};
    std::array<struct ::sigaction, signals.size()> before_{};
};

/// Reads a line. @return The signal that interrupted it; 0: none.
int read_line(const silent_terminal& terminal, std::string& line)
{
    line.clear();
    char c = 0;
    while (terminal.wait_for_input()) {
        if (::read(STDIN_FILENO, &c, 1) <= 0 || c == '\n') {
            return 0;
        }
        line += c;
    }
    return caught_signal;
}

} // namespace

std::vector<std::string> command_line_words(int argc, char** argv)
{
    return argc > 0 ? std::vector<std::string>(argv + 1, argv + argc) : std::vector<std::string>{};
}

std::optional<std::string> environment_variable(const char* name)
{
    const char* value = std::getenv(name);
    return value && *value ? std::optional<std::string>{value} : std::nullopt;
}

void exit_immediately(int status)
{
    std::quick_exit(status);
}

void reserve_standard_descriptors()
{
    // open() returns the lowest free descriptor. Standard input is opened for writing, the others
    // for reading, so that every use fails.
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(number, F_GETFD) < 0 && errno == EBADF) {
            static_cast<void>(::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY));
        }
    }
}

bool is_signal_ignored(int signal)
{
    struct ::sigaction now{};
    return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

void exit_by_signal(int signal)
{
    std::signal(signal, SIG_DFL);
    sigset_t only{};
    sigemptyset(&only);
    sigaddset(&only, signal);
    ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
    std::raise(signal);
    exit_immediately(128 + signal); // the status that a shell would report
}

bool can_open_descriptor()
{
    const int copy = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) {
        return errno != EMFILE && errno != ENFILE;
    }
    ::close(copy);
    return true;
}

std::filesystem::path path_of(std::string_view text)
{
    return text;
}

std::string text_of(const std::filesystem::path& path)
{
    return path.string();
}

bool is_standard_output(const std::filesystem::path& path)
{
    struct ::stat named{};
    struct ::stat output{};
    return ::stat(path.c_str(), &named) == 0 &&
           ::fstat(descriptor(standard_stream::output), &output) == 0 &&
           named.st_dev == output.st_dev && named.st_ino == output.st_ino;
}

bool is_terminal(standard_stream stream)
{
    return ::isatty(descriptor(stream)) != 0;
}

bool enable_terminal_control(standard_stream stream)
{
    return environment_variable("TERM").value_or("dumb") != "dumb" && is_terminal(stream);
}

terminal_size terminal_size_of(standard_stream stream)
{
    winsize window{};
    terminal_size size;
    if (::ioctl(descriptor(stream), TIOCGWINSZ, &window) == 0 && window.ws_col > 0 &&
        window.ws_row > 0) {
        size.columns = window.ws_col;
        size.rows = window.ws_row;
    }
    return size;
}

std::string prompt_for_secret(std::string_view prompt)
{
    std::string line;
    for (;;) {
        int caught = 0;
        {
            const silent_terminal terminal; // disable the echo before the user can type
            write_text(standard_stream::error, prompt);
            caught = read_line(terminal, line);
            write_text(standard_stream::error, "\n"); // the user's own newline was not echoed
        }
        if (caught == 0) {
            return line;
        }
        // The terminal has been restored. After SIGTSTP and SIGCONT, prompt again.
        std::raise(caught);
    }
}

bool write_text(standard_stream stream, std::string_view text)
{
    std::FILE* const file = stream == standard_stream::output ? stdout : stderr;
    std::fwrite(text.data(), 1, text.size(), file);
    std::fflush(file);
    return std::ferror(file) == 0;
}

/** A duplicate of the descriptor of a standard stream.

    Asio makes the stream non-blocking. Other processes, such as the shell, share this setting and
    do not expect it, so the destructor restores it.
*/
struct native_stream::handle
{
    handle(const asio::any_io_executor& executor, int number)
        : stream(executor, number)
    {}

    handle(const handle&) = delete;
    handle& operator=(const handle&) = delete;

    ~handle()
    {
        if (flags) {
            ::fcntl(stream.native_handle(), F_SETFL, *flags);
        }
    }

    asio::posix::stream_descriptor stream;
    std::optional<int> flags = {};
};

native_stream::native_stream() noexcept = default;
native_stream::native_stream(native_stream&&) noexcept = default;
native_stream& native_stream::operator=(native_stream&&) noexcept = default;
native_stream::~native_stream() = default;

// Duplicates the descriptor, since Asio closes its own.
native_stream::native_stream(const asio::any_io_executor& executor, standard_stream stream)
    : handle_(std::make_unique<handle>(
          executor, check_result(::fcntl(descriptor(stream), F_DUPFD_CLOEXEC, 3))))
{
    handle_->flags = check_result(::fcntl(descriptor(stream), F_GETFL));
}

asio::awaitable<std::size_t> native_stream::read_some(asio::mutable_buffer target, error_code& ec)
{
    const std::size_t bytes = co_await handle_->stream.async_read_some(
        target, asio::redirect_error(asio::use_awaitable, ec));
    if (ec == asio::error::eof) {
        ec = {};
    }
    co_return bytes;
}

asio::awaitable<void> native_stream::write(asio::const_buffer source, error_code& ec)
{
    co_await asio::async_write(handle_->stream, source,
                               asio::redirect_error(asio::use_awaitable, ec));
}

} // namespace tool

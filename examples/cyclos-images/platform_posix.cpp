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

int descriptor(standard stream)
{
    return stream == standard::input ? STDIN_FILENO : stream == standard::output ? STDOUT_FILENO : STDERR_FILENO;
}

error_code last_error()
{
    return {errno, boost::system::system_category()};
}

int checked(int result)
{
    if (result < 0) {
        throw boost::system::system_error(last_error(), "standard stream");
    }
    return result;
}

/// The signal that came while a prompt was waited at.
volatile std::sig_atomic_t caught_at_prompt = 0;

extern "C" void remember_signal(int signal)
{
    caught_at_prompt = signal;
}

/// Standard input as a terminal that does not show what is typed, and whose signals only interrupt reading.
class quiet_terminal
{
public:
    quiet_terminal()
    {
        caught_at_prompt = 0;
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

    /// Waits until something can be read; false where a signal came instead. None comes at any other time.
    bool wait() const
    {
        while (caught_at_prompt == 0) {
            ::fd_set input;
            FD_ZERO(&input);
            FD_SET(STDIN_FILENO, &input);
            if (::pselect(STDIN_FILENO + 1, &input, nullptr, nullptr, nullptr, &allowed_) >= 0 || errno != EINTR) {
                return true; // where it failed, so does the read
            }
        }
        return false;
    }

    quiet_terminal(const quiet_terminal&) = delete;
    quiet_terminal& operator=(const quiet_terminal&) = delete;

    ~quiet_terminal()
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

/// Reads up to the end of a line. @return The signal that came first; 0: none.
int read_line(const quiet_terminal& terminal, std::string& line)
{
    line.clear();
    char c = 0;
    while (terminal.wait()) {
        if (::read(STDIN_FILENO, &c, 1) <= 0 || c == '\n') {
            return 0;
        }
        line += c;
    }
    return caught_at_prompt;
}

} // namespace

std::vector<std::string> command_line_words(int argc, char** argv)
{
    return argc > 0 ? std::vector<std::string>(argv + 1, argv + argc) : std::vector<std::string>{};
}

std::optional<std::string> environment(const char* name)
{
    const char* value = std::getenv(name);
    return value && *value ? std::optional<std::string>{value} : std::nullopt;
}

void quit(int status)
{
    std::quick_exit(status);
}

void fill_standard_streams()
{
    // The lowest number that is free is the one that is given. Input can be written to only, and the others read.
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(number, F_GETFD) < 0 && errno == EBADF) {
            static_cast<void>(::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY));
        }
    }
}

bool is_ignored(int signal)
{
    struct ::sigaction now{};
    return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

void quit_by(int signal)
{
    std::signal(signal, SIG_DFL);
    sigset_t only{};
    sigemptyset(&only);
    sigaddset(&only, signal);
    ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
    std::raise(signal);
    quit(128 + signal); // as a shell would show it
}

bool can_open_more()
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
    return ::stat(path.c_str(), &named) == 0 && ::fstat(descriptor(standard::output), &output) == 0 &&
           named.st_dev == output.st_dev && named.st_ino == output.st_ino;
}

bool is_terminal(standard stream)
{
    return ::isatty(descriptor(stream)) != 0;
}

bool moves_cursor(standard stream)
{
    return environment("TERM").value_or("dumb") != "dumb" && is_terminal(stream);
}

terminal_size size_of_terminal(standard stream)
{
    winsize told{};
    terminal_size size;
    if (::ioctl(descriptor(stream), TIOCGWINSZ, &told) == 0 && told.ws_col > 0 && told.ws_row > 0) {
        size.columns = told.ws_col;
        size.rows = told.ws_row;
    }
    return size;
}

std::string prompt_for_secret(std::string_view prompt)
{
    std::string line;
    for (;;) {
        int caught = 0;
        {
            const quiet_terminal quiet; // before anybody types
            write_text(standard::error, prompt);
            caught = read_line(quiet, line);
            write_text(standard::error, "\n"); // the one that was typed is not to be seen
        }
        if (caught == 0) {
            return line;
        }
        // With the terminal as it was. Whoever only stopped the process is asked again.
        std::raise(caught);
    }
}

bool write_text(standard stream, std::string_view text)
{
    std::FILE* const file = stream == standard::output ? stdout : stderr;
    std::fwrite(text.data(), 1, text.size(), file);
    std::fflush(file);
    return std::ferror(file) == 0;
}

/** A descriptor of its own.

    Asio makes what it reads and writes non-blocking. Other processes, the shell first of all, share that setting of a
    standard stream and do not expect it, so it is restored.
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

// A copy, since Asio closes what it owns.
native_stream::native_stream(const asio::any_io_executor& executor, standard which)
    : handle_(std::make_unique<handle>(executor, checked(::fcntl(descriptor(which), F_DUPFD_CLOEXEC, 3))))
{
    handle_->flags = checked(::fcntl(descriptor(which), F_GETFL));
}

asio::awaitable<std::size_t> native_stream::read_some(asio::mutable_buffer target, error_code& ec)
{
    const std::size_t bytes =
        co_await handle_->stream.async_read_some(target, asio::redirect_error(asio::use_awaitable, ec));
    if (ec == asio::error::eof) {
        ec = {};
    }
    co_return bytes;
}

asio::awaitable<void> native_stream::write(asio::const_buffer source, error_code& ec)
{
    co_await asio::async_write(handle_->stream, source, asio::redirect_error(asio::use_awaitable, ec));
}

} // namespace tool

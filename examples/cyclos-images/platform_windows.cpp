//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "platform.hpp"

#include <boost/asio/detail/socket_types.hpp> // <windows.h>, with <winsock2.h> before it
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include <shellapi.h>

namespace tool {

namespace asio = boost::asio;

namespace {

std::string to_utf8(std::wstring_view text)
{
    const int size = static_cast<int>(text.size());
    std::string result;
    if (size > 0) {
        result.resize(static_cast<std::size_t>(
            ::WideCharToMultiByte(CP_UTF8, 0, text.data(), size, nullptr, 0, nullptr, nullptr)));
        ::WideCharToMultiByte(CP_UTF8, 0, text.data(), size, result.data(),
                              static_cast<int>(result.size()), nullptr, nullptr);
    }
    return result;
}

std::wstring to_utf16(std::string_view text)
{
    const int size = static_cast<int>(text.size());
    std::wstring result;
    if (size > 0) {
        result.resize(static_cast<std::size_t>(
            ::MultiByteToWideChar(CP_UTF8, 0, text.data(), size, nullptr, 0)));
        ::MultiByteToWideChar(CP_UTF8, 0, text.data(), size, result.data(),
                              static_cast<int>(result.size()));
    }
    return result;
}

::HANDLE standard_handle(standard_stream stream)
{
    return ::GetStdHandle(stream == standard_stream::input    ? STD_INPUT_HANDLE
                          : stream == standard_stream::output ? STD_OUTPUT_HANDLE
                                                              : STD_ERROR_HANDLE);
}

error_code last_error()
{
    return {static_cast<int>(::GetLastError()), boost::system::system_category()};
}

::DWORD clamp_size(std::size_t size)
{
    constexpr std::size_t longest = 1U << 30U;
    return static_cast<::DWORD>((std::min)(size, longest));
}

bool write_bytes(::HANDLE file, std::string_view bytes)
{
    while (!bytes.empty()) {
        ::DWORD written = 0;
        if (!::WriteFile(file, bytes.data(), clamp_size(bytes.size()), &written, nullptr)) {
            return false;
        }
        bytes.remove_prefix(written);
    }
    return true;
}

/// Reads at least one byte. @return The number of bytes; 0 at the end of the stream.
std::size_t read_bytes(::HANDLE file, char* target, std::size_t size, error_code& ec)
{
    ::DWORD bytes = 0;
    if (!::ReadFile(file, target, clamp_size(size), &bytes, nullptr)) {
        ec = last_error();
        // These are the errors at the end of a pipe.
        if (ec.value() == ERROR_BROKEN_PIPE || ec.value() == ERROR_HANDLE_EOF) {
            ec = {};
        }
        return 0;
    }
    return bytes;
}

/// Disables the echo of a console. Restores the mode of the console on destruction and on Ctrl-C.
class silent_console
{
public:
    explicit silent_console(::HANDLE console)
        : console_(console)
    {
        ::GetConsoleMode(console_, &mode_);
        active = this;
        ::SetConsoleCtrlHandler(&restore_mode, TRUE);
        ::SetConsoleMode(console_,
                         (mode_ | ENABLE_LINE_INPUT) & ~static_cast<::DWORD>(ENABLE_ECHO_INPUT));
    }

    silent_console(const silent_console&) = delete;
    silent_console& operator=(const silent_console&) = delete;

    ~silent_console()
    {
        ::SetConsoleMode(console_, mode_);
        ::SetConsoleCtrlHandler(&restore_mode, FALSE);
        active = nullptr;
    }

private:
    /// The system calls this on another thread. The next handler ends the process.
    static ::BOOL WINAPI restore_mode(::DWORD)
    {
        if (const silent_console* const silent = active) {
            ::SetConsoleMode(silent->console_, silent->mode_);
        }
        return FALSE;
    }

    static inline std::atomic<const silent_console*> active = nullptr;

    ::HANDLE console_;
    ::DWORD mode_ = 0;
};

/// Work on its own thread. It may outlive the waiter and the waiter's execution context.
struct job
{
    std::mutex mutex;
    asio::any_io_executor executor;       ///< The executor of the waiter.
    asio::steady_timer* waiter = nullptr; ///< Null: there is no waiter.
    bool finished = false;
    std::string bytes;
    error_code failure;
};

/// Starts a thread that does the work and notifies the waiter.
void start_thread(const std::shared_ptr<job>& state, std::function<void(job&)> work)
{
    // The thread first waits for this lock, so that it cannot end while it is being detached. If it
    // could, the threads library of MinGW-w64 might use its memory for two new threads at once.
    const std::lock_guard detaching{state->mutex};
    std::thread([state, work = std::move(work)] {
        std::unique_lock lock{state->mutex};
        lock.unlock();
        work(*state);
        lock.lock();
        if (state->waiter != nullptr) {
            asio::post(state->executor, [state] {
                const std::lock_guard keep_waiter{state->mutex};
                state->finished = true;
                if (state->waiter != nullptr) {
                    state->waiter->cancel();
                }
            });
        }
    }).detach();
}

/** Runs blocking work on another thread and waits for it.

    There is no other way to wait for a console, or for a pipe of another process. If the wait is
    cancelled, the thread remains blocked until there is input or the process ends, so the job owns
    the buffer.
*/
asio::awaitable<void> run_on_thread(std::shared_ptr<job> state, std::function<void(job&)> work,
                                    error_code& ec)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    asio::steady_timer done{executor, asio::steady_timer::time_point::max()};
    struct waiter_removal
    {
        job& state;
        ~waiter_removal()
        {
            const std::lock_guard lock{state.mutex};
            state.waiter = nullptr;
            state.executor = {};
        }
    } const remove_waiter_on_exit{*state};
    state->executor = executor;
    state->waiter = &done;

    start_thread(state, std::move(work));
    co_await done.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    ec = state->finished ? state->failure : error_code{asio::error::operation_aborted};
}

} // namespace

std::vector<std::string> command_line_words(int /*argc*/, char** /*argv*/)
{
    // argv is in the legacy code page.
    int count = 0;
    wchar_t** const words = ::CommandLineToArgvW(::GetCommandLineW(), &count);
    std::vector<std::string> result;
    for (int n = 1; words != nullptr && n < count; ++n) {
        result.push_back(to_utf8(words[n]));
    }
    ::LocalFree(words);
    return result;
}

std::optional<std::string> environment_variable(const char* name)
{
    const std::wstring key = to_utf16(name);
    std::wstring value(::GetEnvironmentVariableW(key.c_str(), nullptr, 0), L'\0');
    value.resize(
        ::GetEnvironmentVariableW(key.c_str(), value.data(), static_cast<::DWORD>(value.size())));
    return value.empty() ? std::nullopt : std::optional{to_utf8(value)};
}

void exit_immediately(int status)
{
    std::_Exit(status);
}

void reserve_standard_descriptors() {} // new handles do not replace standard streams

bool is_signal_ignored(int)
{
    return false; // the system does not call the handlers of a process that ignores Ctrl-C
}

void exit_by_signal(int signal)
{
    exit_immediately(128 + signal); // Windows has no signals that end a process
}

bool can_open_descriptor()
{
    return true; // the limit of handles is too high to matter
}

std::filesystem::path path_of(std::string_view text)
{
    return to_utf16(text);
}

std::string text_of(const std::filesystem::path& path)
{
    return to_utf8(path.native());
}

bool is_standard_output(const std::filesystem::path&)
{
    return false; // standard output has no path
}

bool is_terminal(standard_stream stream)
{
    ::DWORD mode = 0;
    return ::GetConsoleMode(standard_handle(stream), &mode) != 0;
}

std::string prompt_for_secret(std::string_view prompt)
{
    write_bytes(standard_handle(standard_stream::error), prompt);
    const ::HANDLE console = standard_handle(standard_stream::input);
    std::wstring line(1024, L'\0');
    ::DWORD size = 0;
    {
        const silent_console silent{console};
        ::ReadConsoleW(console, line.data(), static_cast<::DWORD>(line.size()), &size, nullptr);
    }
    write_bytes(standard_handle(standard_stream::error), "\n");
    line.resize((std::min)(static_cast<std::size_t>(size), line.find_first_of(L"\r\n")));
    return to_utf8(line);
}

bool enable_terminal_control(standard_stream stream)
{
    // Consoles of Windows 10 and later support escape sequences, but only in this mode.
    ::DWORD mode = 0;
    const ::HANDLE console = standard_handle(stream);
    return environment_variable("TERM") != "dumb" && ::GetConsoleMode(console, &mode) != 0 &&
           ::SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
}

terminal_size terminal_size_of(standard_stream stream)
{
    terminal_size size;
    ::CONSOLE_SCREEN_BUFFER_INFO info{};
    if (::GetConsoleScreenBufferInfo(standard_handle(stream), &info)) {
        const int columns = info.srWindow.Right - info.srWindow.Left + 1;
        const int rows = info.srWindow.Bottom - info.srWindow.Top + 1;
        if (columns > 0 && rows > 0) {
            size.columns = static_cast<std::size_t>(columns);
            size.rows = static_cast<std::size_t>(rows);
        }
    }
    return size;
}

bool write_text(standard_stream stream, std::string_view text)
{
    const ::HANDLE target = standard_handle(stream);
    if (!is_terminal(stream)) {
        return write_bytes(target, text);
    }
    // A console would interpret bytes in its code page, which may not be UTF-8.
    const std::wstring shown = to_utf16(text);
    std::wstring_view rest = shown;
    while (!rest.empty()) {
        ::DWORD written = 0;
        const auto part = static_cast<::DWORD>((std::min<std::size_t>)(rest.size(), 8192));
        if (!::WriteConsoleW(target, rest.data(), part, &written, nullptr)) {
            return false;
        }
        rest.remove_prefix(written);
    }
    return true;
}

struct native_stream::handle
{
    ::HANDLE file; ///< Not owned.
};

native_stream::native_stream() noexcept = default;
native_stream::native_stream(native_stream&&) noexcept = default;
native_stream& native_stream::operator=(native_stream&&) noexcept = default;
native_stream::~native_stream() = default;

native_stream::native_stream(const asio::any_io_executor& /*executor*/, standard_stream stream)
    : handle_(std::make_unique<handle>(handle{standard_handle(stream)}))
{
    if (handle_->file == nullptr || handle_->file == INVALID_HANDLE_VALUE) {
        throw boost::system::system_error(
            error_code(ERROR_INVALID_HANDLE, boost::system::system_category()), "standard stream");
    }
}

asio::awaitable<std::size_t> native_stream::read_some(asio::mutable_buffer target, error_code& ec)
{
    const auto state = std::make_shared<job>();
    state->bytes.resize(target.size());
    std::function<void(job&)> work = [file = handle_->file](job& j) {
        j.bytes.resize(read_bytes(file, j.bytes.data(), j.bytes.size(), j.failure));
    };
    co_await run_on_thread(state, std::move(work), ec);
    co_return ec ? 0 : asio::buffer_copy(target, asio::buffer(state->bytes));
}

asio::awaitable<void> native_stream::write(asio::const_buffer source, error_code& ec)
{
    const std::string_view bytes{static_cast<const char*>(source.data()), source.size()};
    const auto state = std::make_shared<job>();
    state->bytes = bytes;
    std::function<void(job&)> work = [file = handle_->file](job& j) {
        if (!write_bytes(file, j.bytes)) {
            j.failure = last_error();
        }
    };
    co_await run_on_thread(state, std::move(work), ec);
}

} // namespace tool

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

std::string narrow(std::wstring_view text)
{
    const int size = static_cast<int>(text.size());
    std::string result;
    if (size > 0) {
        result.resize(static_cast<std::size_t>(
            ::WideCharToMultiByte(CP_UTF8, 0, text.data(), size, nullptr, 0, nullptr, nullptr)));
        ::WideCharToMultiByte(CP_UTF8, 0, text.data(), size, result.data(), static_cast<int>(result.size()), nullptr,
                              nullptr);
    }
    return result;
}

std::wstring wide(std::string_view text)
{
    const int size = static_cast<int>(text.size());
    std::wstring result;
    if (size > 0) {
        result.resize(static_cast<std::size_t>(::MultiByteToWideChar(CP_UTF8, 0, text.data(), size, nullptr, 0)));
        ::MultiByteToWideChar(CP_UTF8, 0, text.data(), size, result.data(), static_cast<int>(result.size()));
    }
    return result;
}

::HANDLE standard_handle(standard stream)
{
    return ::GetStdHandle(stream == standard::input    ? STD_INPUT_HANDLE
                          : stream == standard::output ? STD_OUTPUT_HANDLE
                                                       : STD_ERROR_HANDLE);
}

error_code last_error()
{
    return {static_cast<int>(::GetLastError()), boost::system::system_category()};
}

::DWORD limited(std::size_t size)
{
    constexpr std::size_t longest = 1U << 30U;
    return static_cast<::DWORD>((std::min)(size, longest));
}

bool write_bytes(::HANDLE file, std::string_view bytes)
{
    while (!bytes.empty()) {
        ::DWORD written = 0;
        if (!::WriteFile(file, bytes.data(), limited(bytes.size()), &written, nullptr)) {
            return false;
        }
        bytes.remove_prefix(written);
    }
    return true;
}

/// Reads at least one byte; 0 at the end.
std::size_t read_bytes(::HANDLE file, char* target, std::size_t size, error_code& ec)
{
    ::DWORD bytes = 0;
    if (!::ReadFile(file, target, limited(size), &bytes, nullptr)) {
        ec = last_error();
        if (ec.value() == ERROR_BROKEN_PIPE || ec.value() == ERROR_HANDLE_EOF) { // how pipes end
            ec = {};
        }
        return 0;
    }
    return bytes;
}

/// Hides what is typed into a console. Restores the mode of the console on destruction and on Ctrl-C.
class echo_off
{
public:
    explicit echo_off(::HANDLE console)
        : console_(console)
    {
        ::GetConsoleMode(console_, &mode_);
        active = this;
        ::SetConsoleCtrlHandler(&show_again, TRUE);
        ::SetConsoleMode(console_, (mode_ | ENABLE_LINE_INPUT) & ~static_cast<::DWORD>(ENABLE_ECHO_INPUT));
    }

    echo_off(const echo_off&) = delete;
    echo_off& operator=(const echo_off&) = delete;

    ~echo_off()
    {
        ::SetConsoleMode(console_, mode_);
        ::SetConsoleCtrlHandler(&show_again, FALSE);
        active = nullptr;
    }

private:
    /// Called by the system, on a thread of its own. The next handler ends the process.
    static ::BOOL WINAPI show_again(::DWORD)
    {
        if (const echo_off* const hidden = active) {
            ::SetConsoleMode(hidden->console_, hidden->mode_);
        }
        return FALSE;
    }

    static inline std::atomic<const echo_off*> active = nullptr;

    ::HANDLE console_;
    ::DWORD mode_ = 0;
};

/// Work on a thread of its own, which may go on when the context of whoever waited for it is gone.
struct job
{
    std::mutex mutex;
    asio::any_io_executor executor;       ///< Of the waiter.
    asio::steady_timer* waiter = nullptr; ///< Null: nobody waits.
    bool finished = false;
    std::string bytes;
    error_code failure;
};

/// Starts a thread that does the work and tells the waiter.
void start(const std::shared_ptr<job>& state, std::function<void(job&)> work)
{
    // The thread waits for the lock, so that it does not end while it is being detached: the threads of MinGW-w64 then
    // use its memory for two others at once.
    const std::lock_guard detaching{state->mutex};
    std::thread([state, work = std::move(work)] {
        std::unique_lock lock{state->mutex};
        lock.unlock();
        work(*state);
        lock.lock();
        if (state->waiter != nullptr) {
            asio::post(state->executor, [state] {
                const std::lock_guard waiter_stays{state->mutex};
                state->finished = true;
                if (state->waiter != nullptr) {
                    state->waiter->cancel();
                }
            });
        }
    }).detach();
}

/** Runs work that blocks.

    A console or a pipe of another process cannot be waited for in any other way. If the wait is cancelled, the thread
    remains: input wakes it, or the process ends. That is why the bytes belong to the job.
*/
asio::awaitable<void> run_apart(std::shared_ptr<job> state, std::function<void(job&)> work, error_code& ec)
{
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    asio::steady_timer done{executor, asio::steady_timer::time_point::max()};
    struct abandoner
    {
        job& state;
        ~abandoner()
        {
            const std::lock_guard lock{state.mutex};
            state.waiter = nullptr;
            state.executor = {};
        }
    } const abandon_on_exit{*state};
    state->executor = executor;
    state->waiter = &done;

    start(state, std::move(work));
    co_await done.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    ec = state->finished ? state->failure : error_code{asio::error::operation_aborted};
}

} // namespace

std::vector<std::string> command_line_words(int /*argc*/, char** /*argv*/)
{
    // argv is of the legacy code page.
    int count = 0;
    wchar_t** const words = ::CommandLineToArgvW(::GetCommandLineW(), &count);
    std::vector<std::string> result;
    for (int n = 1; words != nullptr && n < count; ++n) {
        result.push_back(narrow(words[n]));
    }
    ::LocalFree(words);
    return result;
}

std::optional<std::string> environment(const char* name)
{
    const std::wstring key = wide(name);
    std::wstring value(::GetEnvironmentVariableW(key.c_str(), nullptr, 0), L'\0');
    value.resize(::GetEnvironmentVariableW(key.c_str(), value.data(), static_cast<::DWORD>(value.size())));
    return value.empty() ? std::nullopt : std::optional{narrow(value)};
}

void quit(int status)
{
    std::_Exit(status);
}

void fill_standard_streams() {} // they are handles, and no other gets their place

bool is_ignored(int)
{
    return false; // the system does not call the handlers of a process that ignores Ctrl-C
}

void quit_by(int signal)
{
    quit(128 + signal); // there are no signals that end a process
}

bool can_open_more()
{
    return true; // there is no limit that a process meets
}

std::filesystem::path path_of(std::string_view text)
{
    return wide(text);
}

std::string text_of(const std::filesystem::path& path)
{
    return narrow(path.native());
}

bool is_standard_output(const std::filesystem::path&)
{
    return false; // it has no name in a folder
}

bool is_terminal(standard stream)
{
    ::DWORD mode = 0;
    return ::GetConsoleMode(standard_handle(stream), &mode) != 0;
}

std::string prompt_for_secret(std::string_view prompt)
{
    write_bytes(standard_handle(standard::error), prompt);
    const ::HANDLE console = standard_handle(standard::input);
    std::wstring line(1024, L'\0');
    ::DWORD size = 0;
    {
        const echo_off hidden{console};
        ::ReadConsoleW(console, line.data(), static_cast<::DWORD>(line.size()), &size, nullptr);
    }
    write_bytes(standard_handle(standard::error), "\n");
    line.resize((std::min)(static_cast<std::size_t>(size), line.find_first_of(L"\r\n")));
    return narrow(line);
}

bool moves_cursor(standard stream)
{
    // A console understands the sequences of other terminals once it is asked to, from Windows 10 on.
    ::DWORD mode = 0;
    const ::HANDLE console = standard_handle(stream);
    return environment("TERM") != "dumb" && ::GetConsoleMode(console, &mode) != 0 &&
           ::SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0;
}

terminal_size size_of_terminal(standard stream)
{
    terminal_size size;
    ::CONSOLE_SCREEN_BUFFER_INFO told{};
    if (::GetConsoleScreenBufferInfo(standard_handle(stream), &told)) {
        const int columns = told.srWindow.Right - told.srWindow.Left + 1;
        const int rows = told.srWindow.Bottom - told.srWindow.Top + 1;
        if (columns > 0 && rows > 0) {
            size.columns = static_cast<std::size_t>(columns);
            size.rows = static_cast<std::size_t>(rows);
        }
    }
    return size;
}

bool write_text(standard stream, std::string_view text)
{
    const ::HANDLE target = standard_handle(stream);
    if (!is_terminal(stream)) {
        return write_bytes(target, text);
    }
    // A console shows bytes as its code page has them.
    const std::wstring shown = wide(text);
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
    ::HANDLE file; ///< It belongs to the process.
};

native_stream::native_stream() noexcept = default;
native_stream::native_stream(native_stream&&) noexcept = default;
native_stream& native_stream::operator=(native_stream&&) noexcept = default;
native_stream::~native_stream() = default;

native_stream::native_stream(const asio::any_io_executor& /*executor*/, standard which)
    : handle_(std::make_unique<handle>(handle{standard_handle(which)}))
{
    if (handle_->file == nullptr || handle_->file == INVALID_HANDLE_VALUE) {
        throw boost::system::system_error(error_code(ERROR_INVALID_HANDLE, boost::system::system_category()),
                                          "standard stream");
    }
}

asio::awaitable<std::size_t> native_stream::read_some(asio::mutable_buffer target, error_code& ec)
{
    const auto state = std::make_shared<job>();
    state->bytes.resize(target.size());
    std::function<void(job&)> work = [file = handle_->file](job& j) {
        j.bytes.resize(read_bytes(file, j.bytes.data(), j.bytes.size(), j.failure));
    };
    co_await run_apart(state, std::move(work), ec);
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
    co_await run_apart(state, std::move(work), ec);
}

} // namespace tool

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_PLATFORM_HPP
#define CYCLOS_TOOL_PLATFORM_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include <csignal>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The functions that depend on the operating system. platform_posix.cpp and platform_windows.cpp
// define them. All text is UTF-8.

namespace tool {

using error_code = boost::system::error_code;

// --- The process

/// The words of the command line, without the name of the program.
std::vector<std::string> command_line_words(int argc, char** argv);

/// The value of an environment variable; nothing if it is empty or not set.
std::optional<std::string> environment_variable(const char* name);

/// Exits without calling destructors.
[[noreturn]] void exit_immediately(int status);

/** Opens the standard streams that are closed, in such a way that every read or write fails.

    Otherwise, the next file or socket would get the descriptor of a standard stream.
*/
void reserve_standard_descriptors();

/// Whether a signal is ignored. The process inherits this from `nohup`, or from a shell that runs
/// it in the background.
bool is_signal_ignored(int signal);

/// Kills the process by a signal, without calling destructors, as if it had not caught the signal.
/// So the parent, such as a loop of a shell, can tell that the process was interrupted.
[[noreturn]] void exit_by_signal(int signal);

/// The signal that the process receives if its terminal is closed.
#if defined(_WIN32)
inline constexpr int terminal_closed = SIGBREAK;
#else
inline constexpr int terminal_closed = SIGHUP;
#endif

/// Whether the process can open another file descriptor. If not, name resolution fails as well,
/// with the error that the host is unknown.
bool can_open_descriptor();

std::filesystem::path path_of(std::string_view text);
std::string text_of(const std::filesystem::path& path);

/// Whether a path refers to the file, pipe or terminal of standard output, as /dev/stdout does.
bool is_standard_output(const std::filesystem::path& path);

// --- The terminal

enum class standard_stream { input, output, error };

bool is_terminal(standard_stream stream);

/// Enables escape sequences on Windows consoles; other terminals need no such call.
/// @return Whether the stream is a terminal with cursor control: not if `TERM` is `dumb`.
bool enable_terminal_control(standard_stream stream);

struct terminal_size
{
    std::size_t columns = 80;
    std::size_t rows = 24;
};

/// The current size of a terminal; 80 × 24 if it is unknown.
terminal_size terminal_size_of(standard_stream stream);

/** Reads a line from standard input, which must be a terminal, without echo.

    Signals have their usual effect, and the terminal's settings are restored before.
*/
std::string prompt_for_secret(std::string_view prompt);

/// Writes text to standard output or standard error. @return Whether all of it was written.
bool write_text(standard_stream stream, std::string_view text);

// --- Streams of bytes

/// Standard input or standard output, asynchronously.
class native_stream
{
public:
    native_stream() noexcept;

    /// @throws boost::system::system_error if the stream is closed.
    native_stream(const boost::asio::any_io_executor& executor, standard_stream stream);

    native_stream(native_stream&&) noexcept;
    native_stream& operator=(native_stream&&) noexcept;
    ~native_stream();

    /// Reads at least one byte. @return The number of bytes; 0 at the end of the stream.
    boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target,
                                                  error_code& ec);

    /// Writes all bytes.
    boost::asio::awaitable<void> write(boost::asio::const_buffer source, error_code& ec);

private:
    struct handle;
    std::unique_ptr<handle> handle_;
};

} // namespace tool

#endif // CYCLOS_TOOL_PLATFORM_HPP

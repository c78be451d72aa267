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

// What differs between operating systems: platform_posix.cpp and
// platform_windows.cpp define it, and the rest of the tool is the same on all.
// Text is UTF-8 throughout.

namespace tool {

using error_code = boost::system::error_code;

// --- The process

/// The words of the command line, without the program's name.
std::vector<std::string> command_line_words(int argc, char** argv);

/// A variable of the environment; nothing if it is empty or not set.
std::optional<std::string> environment(const char* name);

/// Ends the process without destructors.
[[noreturn]] void quit(int status);

/** Opens what is closed of the standard streams, so that every use of it fails.

    Otherwise the next file or socket gets its number, and takes its place.
*/
void fill_standard_streams();

/// Whether a signal was ignored when the process began, as `nohup` does and shells do for jobs in the background.
bool is_ignored(int signal);

/// Ends the process by a signal, without destructors, as if nobody had caught it: whoever waits for the process, such
/// as a loop of a shell, sees that it was interrupted.
[[noreturn]] void quit_by(int signal);

/// The signal of a terminal that is closed.
#if defined(_WIN32)
inline constexpr int terminal_closed = SIGBREAK;
#else
inline constexpr int terminal_closed = SIGHUP;
#endif

/// Whether the process may open something more. Name look-ups that may not find no host.
bool can_open_more();

std::filesystem::path path_of(std::string_view text);
std::string text_of(const std::filesystem::path& path);

/// Whether a path leads to what standard output is, as /dev/stdout does.
bool is_standard_output(const std::filesystem::path& path);

// --- The terminal

enum class standard { input, output, error };

bool is_terminal(standard stream);

/// Whether a stream is a terminal that moves its cursor as told; not one that `TERM` calls dumb.
bool moves_cursor(standard stream);

struct terminal_size
{
    std::size_t columns = 80;
    std::size_t rows = 24;
};

/// The size of a terminal at this moment; the usual one if it is unknown.
terminal_size size_of_terminal(standard stream);

/** Reads a line from the terminal that standard input is, without showing it.

    Signals end the process as they would without it, and the terminal is left as it was.
*/
std::string prompt_for_secret(std::string_view prompt);

/// Writes text to standard output or error. @return Whether all of it was written.
bool write_text(standard stream, std::string_view text);

// --- Streams of bytes

/// Standard input or output, without blocking the event loop if that can be.
class native_stream
{
public:
    native_stream() noexcept;

    /// @throws boost::system::system_error if it is closed.
    native_stream(const boost::asio::any_io_executor& executor, standard which);

    native_stream(native_stream&&) noexcept;
    native_stream& operator=(native_stream&&) noexcept;
    ~native_stream();

    /// Reads at least one byte; 0 at the end.
    boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target, error_code& ec);

    /// Writes all bytes.
    boost::asio::awaitable<void> write(boost::asio::const_buffer source, error_code& ec);

private:
    struct handle;
    std::unique_ptr<handle> handle_;
};

} // namespace tool

#endif // CYCLOS_TOOL_PLATFORM_HPP

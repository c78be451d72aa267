//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_ERROR_HPP
#define CYCLOS_NET_ERROR_HPP

#include <cyclos/detail/config.hpp>

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cyclos::inline CYCLOS_ABI {

using error_code = boost::system::error_code;

/// What the library itself finds wrong. What Asio, OpenSSL or the system report keeps its own code. The numbers stand
/// in logs: they stay as they are, and a new code gets the next one.
enum class errc {
    invalid_argument = 1,   ///< An argument was refused before anything was sent.
    invalid_config = 2,     ///< The configuration contradicts itself, or the base URL is none.
    insecure_transport = 3, ///< Plain `http://` to a host that is not loopback, which the configuration does not allow.

    acquire_timeout = 4,    ///< No connection of the pool came free in time.
    resolve_timeout = 5,    ///< The name was not resolved in time.
    connect_timeout = 6,    ///< No address accepted the connection in time.
    handshake_timeout = 7,  ///< The TLS handshake took too long.
    first_byte_timeout = 8, ///< The request was sent, and no answer began in time.
    stall_timeout = 9,      ///< No byte moved in either direction for too long.
    source_timeout = 10,    ///< The source of an upload gave nothing for too long.
    provider_timeout = 11,  ///< The provider of the credentials did not return in time.
    total_timeout = 12,     ///< The whole operation took longer than it may.

    too_many_waiters = 13, ///< More requests wait for a connection than the pool allows.
    client_closed = 14,    ///< The client was closed or destroyed.
    cancelled = 15,        ///< The caller cancelled the operation.

    host_name_mismatch = 16, ///< The certificate is valid, but for another host.
    proxy_refused = 17,      ///< The proxy did not open a tunnel.

    connection_lost = 18,     ///< The peer ended the connection before the message ended.
    malformed_response = 19,  ///< The peer sent something that is no HTTP/1.1 response.
    header_limit = 20,        ///< The head of the response is larger than allowed.
    body_limit = 21,          ///< The body of the response is larger than allowed.
    unexpected_response = 22, ///< A response that is not what the operation can answer, such as JSON of another shape.
    content_changed = 23,     ///< The content became another one before the rest of it was asked for.
    not_modified = 24,        ///< There is no content to be read: the caller has it already.

    source_failed = 25,  ///< The source of an upload could not be read.
    source_changed = 26, ///< The source of an upload has become shorter or longer than it said.
    source_refused = 27, ///< The image is larger than the configuration allows, or of another type.
    target_exists = 28,  ///< The file to save to is there already.
    target_failed = 29,  ///< The file or stream to write to could not be written.

    provider_failed = 30, ///< The provider of the credentials threw what has no code; only events say so.
};

/// The category of @ref errc.
CYCLOS_DECL const boost::system::error_category& error_category() noexcept;

/// The category of HTTP statuses: the value is the status, the message its text.
CYCLOS_DECL const boost::system::error_category& status_category() noexcept;

/// Makes an @ref error_code of an @ref errc; found by argument-dependent lookup.
inline error_code make_error_code(errc value) noexcept
{
    return {static_cast<int>(value), error_category()};
}

/// Where an operation was when it failed.
enum class phase {
    preparing,   ///< Building the request: nothing has left the process.
    acquiring,   ///< Waiting for a connection of the pool.
    resolving,   ///< Resolving the host name.
    connecting,  ///< Opening a TCP connection, or a tunnel through the proxy.
    handshaking, ///< In the TLS handshake.
    sending,     ///< Sending the request.
    waiting,     ///< Waiting for the first byte of the response.
    receiving,   ///< Receiving the response.
    decoding,    ///< Decoding what was received.
    retrying,    ///< Waiting before another attempt.
    logging_in,  ///< Waiting for credentials: for a login, or for whoever provides them.
};

/// How much of a request may have reached the server.
enum class sent_state {
    no,     ///< Nothing: it is safe to repeat.
    partly, ///< Some of it. The server cannot have taken it for whole.
    yes,    ///< All of it: the server may have done what it asks.
};

/// @{ The name of a phase or state, as in messages and logs.
CYCLOS_DECL std::string_view to_string(phase value) noexcept;
CYCLOS_DECL std::string_view to_string(sent_state value) noexcept;
/// @}

/// An attempt that was followed by another one.
struct past_attempt
{
    error_code code = {}; ///< Why it failed; in @ref status_category, what the server answered.
    cyclos::phase phase = cyclos::phase::preparing;
    sent_state sent = sent_state::no;
    std::chrono::steady_clock::duration waited = {}; ///< Before the next attempt.
};

/// The circumstances of a failure, which every @ref error carries.
struct error_context
{
    cyclos::phase phase = cyclos::phase::preparing;
    sent_state sent = sent_state::no;
    unsigned attempts = 0;                  ///< Requests begun, the failed one included; 0 where none was.
    std::string operation = {};             ///< The operation, such as `view_image`.
    std::string endpoint = {};              ///< Scheme, host and port, such as `https://example.org:443`.
    std::string detail = {};                ///< What else there is to say, such as the argument that was refused.
    std::vector<past_attempt> history = {}; ///< The attempts that failed before, the first one first.
    error_code cause = {};                  ///< What made it fail, in the words of the system or of the party that did.
};

/** The base of everything that the library throws.

    It tells what a caller has to decide on: the code, the phase, and whether the
    request may have reached the server. The message never contains a credential.
*/
class error : public boost::system::system_error
{
public:
    CYCLOS_DECL error(error_code code, error_context context);

    /// Operation, server, phase, what was sent, details and the text of the code, in one line.
    const char* what() const noexcept override { return message_.c_str(); }

    /// Where the operation was.
    cyclos::phase phase() const noexcept { return context_.phase; }

    /// How much of the request may have reached the server.
    sent_state sent() const noexcept { return context_.sent; }

    /// Requests begun, the failed one included; 0 where none was.
    unsigned attempts() const noexcept { return context_.attempts; }

    /// The operation, such as `view_image`.
    const std::string& operation() const noexcept { return context_.operation; }

    /// Scheme, host and port of the server.
    const std::string& endpoint() const noexcept { return context_.endpoint; }

    /** What made it fail, if that has a code of its own: what the system says of a file or a connection, or what
        another operation failed with that feeds this one.

        @code
        catch (const cyclos::error& e) {
            if (e.cause() == boost::system::errc::no_such_file_or_directory) ...
        @endcode
    */
    const error_code& cause() const noexcept { return context_.cause; }

    /// All of the above, and the details.
    const error_context& context() const noexcept { return context_; }

    /// Whether a timeout of the configuration ended the operation.
    CYCLOS_DECL bool is_timeout() const noexcept;

    /// Whether the argument, the configuration or the source was refused before anything was sent.
    CYCLOS_DECL bool is_refused() const noexcept;

    /** The kind of failure in one word, for logs and metrics.

        | kind | what failed |
        |---|---|
        | `refused` | an argument, the configuration, the source or the target, before anything was sent |
        | `timeout` | a timeout of the configuration |
        | `cancelled` | the caller cancelled the operation |
        | `closed` | the client was closed |
        | `overload` | too many requests wait for a connection |
        | `source` | the source of an upload, after something was sent |
        | `target` | the file or stream that is written to |
        | `response` | the server's answer, which is not what the operation can take |
        | `transport` | the way to the server: name, connection, TLS, proxy |

        An error of the server has the name of its class, such as `not_found`, or else `api`.
    */
    CYCLOS_DECL virtual std::string_view kind() const noexcept;

private:
    error_context context_;
    std::string message_;
};

} // namespace cyclos::inline CYCLOS_ABI

namespace boost::system {

template <>
struct is_error_code_enum<cyclos::errc> : std::true_type
{};

} // namespace boost::system

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/net/impl/error.ipp>
#endif

#endif // CYCLOS_NET_ERROR_HPP

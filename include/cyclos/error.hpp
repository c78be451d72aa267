//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_ERROR_HPP
#define CYCLOS_ERROR_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/error_code.hpp>

#include <boost/system/system_error.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// The phase of an operation, in particular the one in which it failed.
enum class phase {
    preparing,         ///< Building the request and opening its source. Nothing is sent.
    acquiring,         ///< Waiting for a connection of the pool.
    resolving,         ///< Resolving the host name.
    connecting,        ///< Opening a TCP connection, or a tunnel through the proxy.
    handshaking,       ///< In the TLS handshake.
    sending,           ///< Sending the request.
    awaiting_response, ///< Waiting for the first byte of the response.
    receiving,         ///< Receiving the response, or the content of a download.
    decoding,          ///< Checking and decoding the response.
    retrying,          ///< Waiting for the back-off delay before a retry.
    authenticating,    ///< Waiting for a login or for the credentials provider.
};

/// How much of a request may have reached the server.
enum class sent_state {
    none,     ///< Nothing. Repeating the operation is safe.
    partial,  ///< Part of it. The server cannot have mistaken it for a complete request.
    complete, ///< All of it. The server may have carried out the request.
};

/// @{
/// The name of a phase or of a sent state, for messages and logs.
CYCLOS_DECL std::string_view to_string(phase value) noexcept;
CYCLOS_DECL std::string_view to_string(sent_state value) noexcept;
/// @}

/// A failed attempt that was followed by another one.
struct past_attempt
{
    /// Why it failed; in @ref http_status_category, the status of the response.
    error_code code = {};

    cyclos::phase phase = cyclos::phase::preparing; ///< Phase in which it failed.
    sent_state sent = sent_state::none;             ///< How much of the request it had sent.
    std::chrono::steady_clock::duration delay = {}; ///< Delay before the next attempt.
};

/// The circumstances of a failure. Every @ref error carries them.
struct error_context
{
    cyclos::phase phase = cyclos::phase::preparing; ///< Phase in which the operation failed.
    sent_state sent = sent_state::none; ///< How much of the request may have reached the server.
    unsigned attempts = 0;              ///< Attempts that were begun, including the failed one.
    std::string operation = {};         ///< Name of the operation, such as `view_image`.
    std::string tag = {};               ///< Text of call_options::tag.
    std::string endpoint = {}; ///< Scheme, host and port, such as `https://example.org:443`.
    std::string detail = {};   ///< Details, such as the argument that was rejected.
    std::vector<past_attempt> history = {}; ///< Earlier attempts that failed, oldest first.
    error_code cause = {}; ///< Underlying error, of the system or of another operation, if any.
};

/** Base class of the exceptions that the library throws.

    It tells what a caller needs for a decision: the code, the phase, and whether the request may
    have reached the server. The message never contains a credential.
*/
class error : public boost::system::system_error
{
public:
    /// Constructs an error with a code and its circumstances.
    CYCLOS_DECL error(error_code code, error_context context);

    /// One line with the operation, the tag, the server, the phase, the sent state, the details and
    /// the message of the code.
    const char* what() const noexcept override { return message_.c_str(); }

    /// The phase in which the operation failed.
    cyclos::phase phase() const noexcept { return context_.phase; }

    /// How much of the request may have reached the server.
    sent_state sent() const noexcept { return context_.sent; }

    /// Attempts that were begun, including the failed one; 0 if the operation failed before it had
    /// a connection.
    unsigned attempts() const noexcept { return context_.attempts; }

    /// Name of the operation, such as `view_image`.
    const std::string& operation() const noexcept { return context_.operation; }

    /// The text that identifies the call: call_options::tag.
    const std::string& tag() const noexcept { return context_.tag; }

    /// Scheme, host and port of the server.
    const std::string& endpoint() const noexcept { return context_.endpoint; }

    /** The underlying error, if there is one: that of the system for a file or a connection, or
        that of another operation whose data this one uploads.

        @code
        catch (const cyclos::error& e) {
            if (e.cause() == boost::system::errc::no_such_file_or_directory) ...
        @endcode
    */
    const error_code& cause() const noexcept { return context_.cause; }

    /// All circumstances of the failure, including the details and the earlier attempts.
    const error_context& context() const noexcept { return context_; }

    /// Whether a timeout of @ref timeout_config ended the operation.
    CYCLOS_DECL bool is_timeout() const noexcept;

    /// Whether the library rejected an argument, the configuration, the source or the target before
    /// anything was sent. The same call will fail again. A timeout, a cancellation, a closed client
    /// and a shortage of resources (memory, file descriptors) do not count.
    CYCLOS_DECL bool is_rejected_locally() const noexcept;

    /** The kind of failure in one word, for logs and metrics.

        | kind | what failed |
        |---|---|
        | `rejected` | the call: is_rejected_locally(), or a provider made invalid credentials |
        | `timeout` | a timeout of the configuration expired |
        | `cancelled` | the caller cancelled the operation |
        | `closed` | the client was closed or destroyed |
        | `overload` | too many requests wait for a connection |
        | `credentials` | the credentials provider (errc::provider_failed, in events only) |
        | `source` | the source of an upload |
        | `target` | the file to save to |
        | `response` | the response, which is malformed, too large or not the expected one |
        | `transport` | the way to the server: name resolution, connection, TLS, proxy |

        `rejected` takes precedence over the others. A code of another category, such as those of
        the system, Asio and OpenSSL, is `transport`.

        An @ref api_error has the name of its class, such as `not_found`, or `api` if its status has
        no class.
    */
    CYCLOS_DECL virtual std::string_view kind() const noexcept;

private:
    error_context context_;
    std::string message_;
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/impl/error.ipp>
#endif

#endif // CYCLOS_ERROR_HPP

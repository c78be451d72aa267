//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_ERROR_CODE_HPP
#define CYCLOS_ERROR_CODE_HPP

#include <cyclos/detail/config.hpp>

#include <boost/system/errc.hpp>
#include <boost/system/error_code.hpp>

#include <string_view>
#include <type_traits>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// The error code of Boost.System.
using error_code = boost::system::error_code;

/** Error codes of the library. Errors that Asio, OpenSSL or the system report keep their own codes.

    The numbers are stable, since they appear in logs: a new code gets the next number.
*/
enum class errc {
    invalid_argument = 1,   ///< An argument was rejected before anything was sent.
    invalid_config = 2,     ///< The configuration is contradictory, or its base URL is invalid.
    insecure_transport = 3, ///< Plain `http://` to a host that is not loopback, which the
                            ///< configuration does not allow.

    acquire_timeout = 4,         ///< No connection of the pool became available in time.
    resolve_timeout = 5,         ///< The host name was not resolved in time.
    connect_timeout = 6,         ///< No address accepted the connection in time.
    handshake_timeout = 7,       ///< The TLS handshake took too long.
    response_header_timeout = 8, ///< The request was sent, and no response began in time.
    inactivity_timeout = 9,      ///< For too long, no byte was sent or received.
    source_timeout = 10,         ///< The source of an upload provided no data in time.
    provider_timeout = 11,       ///< The credentials provider did not return in time.
    total_timeout = 12,          ///< The operation exceeded its deadline.

    pool_queue_full = 13, ///< More requests wait for a connection than the pool allows.
    client_closed = 14,   ///< The client was closed or destroyed.
    cancelled = 15,       ///< The caller cancelled the operation.

    host_name_mismatch = 16, ///< The certificate is valid, but for another host.
    proxy_refused = 17,      ///< The proxy did not open a tunnel.

    connection_lost = 18,     ///< The peer closed the connection before the message ended.
    malformed_response = 19,  ///< The peer sent something that is not a valid HTTP/1.1 response.
    header_limit = 20,        ///< The header section, the trailers or the chunk extensions of the
                              ///< response are too large.
    body_limit = 21,          ///< The content of the response is too large.
    unexpected_response = 22, ///< The operation cannot accept the response: for instance, JSON of
                              ///< another shape.
    content_changed = 23,     ///< The image changed before an interrupted download was resumed.
    not_modified = 24,        ///< There is no content to read: the caller already has it (304).

    source_failed = 25,   ///< The source of an upload could not be read.
    source_changed = 26,  ///< The source of an upload is shorter or longer than it reported.
    source_rejected = 27, ///< The size, type or dimensions of the image are not allowed.
    target_exists = 28,   ///< The file to save to already exists.
    target_failed = 29,   ///< The file to save to could not be written.

    provider_failed = 30, ///< The credentials provider threw an exception that has no error code.
                          ///< Only events report it: operations rethrow the exception.

    call_timeout = 31, ///< The operation exceeded the deadline of its call (call_options::timeout).
    pool_busy = 32,    ///< No connection was available at once, and the call does not wait for one
                       ///< (call_options::no_wait).
    public_key_mismatch = 33, ///< The public key of the server is none of the pinned ones.
    connect_hook_failed = 34, ///< The connect hook threw an exception that has no error code.
};

/// The error category of @ref errc.
CYCLOS_DECL const boost::system::error_category& error_category() noexcept;

/// The error category of HTTP statuses. The value is the status; the message is the status and its
/// reason phrase.
CYCLOS_DECL const boost::system::error_category& http_status_category() noexcept;

/// Makes an @ref error_code from an @ref errc. Boost.System finds it by argument-dependent lookup.
inline error_code make_error_code(errc value) noexcept
{
    return {static_cast<int>(value), error_category()};
}

namespace detail {

/// The properties of an error code of this library.
struct error_properties
{
    const char* text;      ///< The message of the code.
    std::string_view kind; ///< The category of the failure, as error::kind() returns it.
    /// The portable condition that compares equal to the code; success if there is none.
    boost::system::errc::errc_t condition = {};
    bool transient = false; ///< Whether a retry may succeed.
};

/// The only table of error codes. The switch has no default, so the compiler warns if a code has no
/// row.
constexpr error_properties properties_of(errc value) noexcept
{
    using namespace boost::system::errc;
    constexpr bool transient = true;
    switch (value) {
    case errc::invalid_argument: return {"invalid argument", "rejected"};
    case errc::invalid_config: return {"invalid configuration", "rejected"};
    case errc::insecure_transport: return {"plain http is allowed for loopback only", "rejected"};

    case errc::acquire_timeout:
        return {"no connection became available in time", "timeout", timed_out};
    case errc::resolve_timeout:
        return {"the host name was not resolved in time", "timeout", timed_out, transient};
    case errc::connect_timeout:
        return {"no address accepted the connection in time", "timeout", timed_out, transient};
    case errc::handshake_timeout:
        return {"the TLS handshake took too long", "timeout", timed_out, transient};
    case errc::response_header_timeout:
        return {"no response began in time", "timeout", timed_out, transient};
    case errc::inactivity_timeout: return {"the transfer stalled", "timeout", timed_out};
    case errc::source_timeout: return {"the source provided no data in time", "timeout", timed_out};
    case errc::provider_timeout:
        return {"the credentials provider did not return in time", "timeout", timed_out};
    case errc::total_timeout: return {"the operation took too long", "timeout", timed_out};

    case errc::pool_queue_full:
        return {"too many requests are waiting for a connection", "overload"};
    case errc::client_closed: return {"the client is closed", "closed"};
    case errc::cancelled: return {"cancelled", "cancelled", operation_canceled};

    case errc::host_name_mismatch: return {"the certificate is for another host", "transport"};
    case errc::proxy_refused: return {"the proxy did not open a tunnel", "transport"};
    case errc::connection_lost:
        return {"the peer closed the connection in the middle of a message",
                "transport",
                {},
                transient};
    case errc::malformed_response: return {"the response is not valid HTTP", "response"};
    case errc::header_limit: return {"the header section of the response is too large", "response"};
    case errc::body_limit: return {"the body of the response is too large", "response"};
    case errc::unexpected_response:
        return {"the response is not one that the operation accepts", "response"};
    case errc::content_changed:
        return {"the content has changed since the download began", "response"};
    case errc::not_modified:
        return {"the content is not modified, so there is nothing to read", "response"};

    case errc::source_failed: return {"the source could not be read", "source"};
    case errc::source_changed: return {"the source changed its size while it was read", "source"};
    case errc::source_rejected: return {"the image may not be uploaded", "source"};
    case errc::target_exists: return {"the target already exists", "target"};
    case errc::target_failed: return {"the target could not be written", "target"};
    case errc::provider_failed: return {"the credentials provider failed", "credentials"};

    case errc::call_timeout: return {"the call took too long", "timeout", timed_out};
    case errc::pool_busy: return {"no connection is available at once", "overload"};
    case errc::public_key_mismatch:
        return {"the public key of the server is none of the pinned ones", "transport"};
    case errc::connect_hook_failed: return {"the connect hook failed", "transport", {}, transient};
    }
    return {"unknown error", "transport"};
}

} // namespace detail

} // namespace CYCLOS_ABI
} // namespace cyclos

namespace boost::system {

template <>
struct is_error_code_enum<cyclos::errc> : std::true_type
{};

} // namespace boost::system

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/impl/error_code.ipp>
#endif

#endif // CYCLOS_ERROR_CODE_HPP

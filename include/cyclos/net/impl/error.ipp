//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_IMPL_ERROR_IPP
#define CYCLOS_NET_IMPL_ERROR_IPP

#include <cyclos/net/error.hpp>

#include <boost/beast/http/status.hpp>

#include <utility>

namespace cyclos::inline CYCLOS_ABI {

namespace detail {

inline const char* message(errc value) noexcept
{
    switch (value) {
    case errc::invalid_argument: return "invalid argument";
    case errc::invalid_config: return "invalid configuration";
    case errc::insecure_transport: return "plain http is allowed for loopback only";
    case errc::acquire_timeout: return "no connection came free in time";
    case errc::resolve_timeout: return "the host name was not resolved in time";
    case errc::connect_timeout: return "no address accepted the connection in time";
    case errc::handshake_timeout: return "the TLS handshake took too long";
    case errc::first_byte_timeout: return "no answer began in time";
    case errc::stall_timeout: return "the transfer stalled";
    case errc::source_timeout: return "the source gave nothing in time";
    case errc::provider_timeout: return "the provider of the credentials did not return in time";
    case errc::total_timeout: return "the operation took too long";
    case errc::too_many_waiters: return "too many requests wait for a connection";
    case errc::client_closed: return "the client is closed";
    case errc::cancelled: return "cancelled";
    case errc::host_name_mismatch: return "the certificate is for another host";
    case errc::proxy_refused: return "the proxy opened no tunnel";
    case errc::connection_lost: return "the peer ended the connection in mid-message";
    case errc::malformed_response: return "the response is no valid HTTP";
    case errc::header_limit: return "the head of the response is too large";
    case errc::body_limit: return "the body of the response is too large";
    case errc::unexpected_response: return "the response is not what the operation answers";
    case errc::content_changed: return "the content has become another one meanwhile";
    case errc::not_modified: return "the content is not modified, so there is none to be read";
    case errc::source_failed: return "the source could not be read";
    case errc::source_changed: return "the source changed its size while it was read";
    case errc::source_refused: return "the image is not one that may be uploaded";
    case errc::target_exists: return "the target exists already";
    case errc::target_failed: return "the target could not be written";
    case errc::provider_failed: return "the provider of the credentials failed";
    }
    return "unknown error";
}

inline bool is_timeout(errc value) noexcept
{
    switch (value) {
    case errc::acquire_timeout:
    case errc::resolve_timeout:
    case errc::connect_timeout:
    case errc::handshake_timeout:
    case errc::first_byte_timeout:
    case errc::stall_timeout:
    case errc::source_timeout:
    case errc::provider_timeout:
    case errc::total_timeout: return true;
    default: return false;
    }
}

/// Whether the system lacks something that it may have again a moment later: that says nothing of what was given.
inline bool is_shortage(const error_code& cause) noexcept
{
    namespace system = boost::system::errc;
    return cause == system::too_many_files_open || cause == system::too_many_files_open_in_system ||
           cause == system::not_enough_memory || cause == system::resource_unavailable_try_again;
}

/// The kind of an error that is neither a timeout nor refused.
inline std::string_view kind_of(errc value) noexcept
{
    switch (value) {
    case errc::cancelled: return "cancelled";
    case errc::client_closed: return "closed";
    case errc::too_many_waiters: return "overload";
    case errc::source_failed:
    case errc::source_changed:
    case errc::source_refused: return "source";
    case errc::target_exists:
    case errc::target_failed: return "target";
    case errc::malformed_response:
    case errc::header_limit:
    case errc::body_limit:
    case errc::unexpected_response:
    case errc::content_changed:
    case errc::not_modified: return "response";
    default: return "transport";
    }
}

// Each has an id, by which it is the same in every part of a program, also in a library that hides its symbols.

class library_category final : public boost::system::error_category
{
public:
    constexpr library_category() noexcept
        : error_category(0x6379636c6f730001U)
    {}

    const char* name() const noexcept override { return "cyclos"; }
    std::string message(int value) const override { return detail::message(static_cast<errc>(value)); }

    // So a caller can compare with the portable conditions, whoever found out about it.
    boost::system::error_condition default_error_condition(int value) const noexcept override
    {
        const auto code = static_cast<errc>(value);
        if (code == errc::cancelled) {
            return make_error_condition(boost::system::errc::operation_canceled);
        }
        if (is_timeout(code)) {
            return make_error_condition(boost::system::errc::timed_out);
        }
        return {value, *this};
    }
};

class http_status_category final : public boost::system::error_category
{
public:
    constexpr http_status_category() noexcept
        : error_category(0x6379636c6f730002U)
    {}

    const char* name() const noexcept override { return "http"; }

    std::string message(int value) const override
    {
        const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(value));
        return std::to_string(value) + ' ' + std::string{reason};
    }
};

inline std::string describe(const error_context& context)
{
    std::string text = context.operation.empty() ? std::string{"cyclos"} : context.operation;
    if (!context.endpoint.empty()) {
        text += " at " + context.endpoint;
    }
    text += ", while ";
    text += to_string(context.phase);
    if (context.phase >= phase::sending) {
        text += context.sent == sent_state::no       ? " (nothing was sent)"
                : context.sent == sent_state::partly ? " (the request was partly sent)"
                                                     : " (the request was sent)";
    }
    if (!context.history.empty()) {
        text += ", after " + std::to_string(context.history.size()) + " attempts that failed";
    }
    if (!context.detail.empty()) {
        text += ": " + context.detail;
    }
    return text;
}

} // namespace detail

CYCLOS_DECL const boost::system::error_category& error_category() noexcept
{
    static const detail::library_category instance;
    return instance;
}

CYCLOS_DECL const boost::system::error_category& status_category() noexcept
{
    static const detail::http_status_category instance;
    return instance;
}

CYCLOS_DECL std::string_view to_string(phase value) noexcept
{
    switch (value) {
    case phase::preparing: return "preparing";
    case phase::acquiring: return "acquiring";
    case phase::resolving: return "resolving";
    case phase::connecting: return "connecting";
    case phase::handshaking: return "handshaking";
    case phase::sending: return "sending";
    case phase::waiting: return "waiting";
    case phase::receiving: return "receiving";
    case phase::decoding: return "decoding";
    case phase::retrying: return "waiting to try again";
    case phase::logging_in: return "logging in";
    }
    return "unknown";
}

CYCLOS_DECL std::string_view to_string(sent_state value) noexcept
{
    switch (value) {
    case sent_state::no: return "no";
    case sent_state::partly: return "partly";
    case sent_state::yes: return "yes";
    }
    return "unknown";
}

CYCLOS_DECL error::error(error_code code, error_context context)
    : boost::system::system_error(code)
    , context_(std::move(context))
    // Boost's own text ends in where in the sources of Asio the code was set, which helps no user.
    , message_(detail::describe(context_) + ": " + code.message())
{}

CYCLOS_DECL bool error::is_timeout() const noexcept
{
    const error_code& ec = code();
    return ec.category() == error_category() && detail::is_timeout(static_cast<errc>(ec.value()));
}

CYCLOS_DECL bool error::is_refused() const noexcept
{
    return context_.phase == cyclos::phase::preparing && context_.sent == sent_state::no && !is_timeout() &&
           code() != errc::cancelled && code() != errc::client_closed && !detail::is_shortage(cause());
}

CYCLOS_DECL std::string_view error::kind() const noexcept
{
    if (is_refused()) {
        return "refused";
    }
    if (is_timeout()) {
        return "timeout";
    }
    return code().category() == error_category() ? detail::kind_of(static_cast<errc>(code().value())) : "transport";
}

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_NET_IMPL_ERROR_IPP

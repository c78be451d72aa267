//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_ERROR_IPP
#define CYCLOS_DETAIL_IMPL_ERROR_IPP

#include <cyclos/error.hpp>

#include <cyclos/detail/base/printable.hpp>

#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

/// Whether the system was short of a resource. That is temporary, and says nothing about the
/// validity of an argument.
inline bool is_resource_shortage(const error_code& cause) noexcept
{
    namespace system = boost::system::errc;
    return cause == system::too_many_files_open || cause == system::too_many_files_open_in_system ||
           cause == system::not_enough_memory || cause == system::resource_unavailable_try_again;
}

inline std::string describe(const error_context& context)
{
    std::string text = context.operation.empty() ? std::string{"cyclos"} : context.operation;
    if (!context.tag.empty()) {
        text += " [" + printable(context.tag) + "]";
    }
    if (!context.endpoint.empty()) {
        text += " at " + context.endpoint;
    }
    text += ", while ";
    text += to_string(context.phase);
    if (context.phase >= phase::sending) {
        text += context.sent == sent_state::none      ? " (nothing was sent)"
                : context.sent == sent_state::partial ? " (the request was partly sent)"
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

CYCLOS_DECL std::string_view to_string(phase value) noexcept
{
    switch (value) {
    case phase::preparing: return "preparing";
    case phase::acquiring: return "acquiring";
    case phase::resolving: return "resolving";
    case phase::connecting: return "connecting";
    case phase::handshaking: return "handshaking";
    case phase::sending: return "sending";
    case phase::awaiting_response: return "awaiting the response";
    case phase::receiving: return "receiving";
    case phase::decoding: return "decoding";
    case phase::retrying: return "waiting to try again";
    case phase::authenticating: return "authenticating";
    }
    return "unknown";
}

CYCLOS_DECL std::string_view to_string(sent_state value) noexcept
{
    switch (value) {
    case sent_state::none: return "none";
    case sent_state::partial: return "partial";
    case sent_state::complete: return "complete";
    }
    return "unknown";
}

CYCLOS_DECL error::error(error_code code, error_context context)
    : boost::system::system_error(code)
    , context_(std::move(context))
    // Not the text of boost::system::system_error: it ends with a source location inside Asio,
    // which helps no user.
    , message_(detail::describe(context_) + ": " + code.message())
{}

CYCLOS_DECL bool error::is_timeout() const noexcept
{
    return code().category() == error_category() &&
           detail::properties_of(static_cast<errc>(code().value())).condition ==
               boost::system::errc::timed_out;
}

CYCLOS_DECL bool error::is_rejected_locally() const noexcept
{
    return context_.phase == cyclos::phase::preparing && context_.sent == sent_state::none &&
           !is_timeout() && code() != errc::cancelled && code() != errc::client_closed &&
           !detail::is_resource_shortage(cause());
}

CYCLOS_DECL std::string_view error::kind() const noexcept
{
    if (is_rejected_locally()) {
        return "rejected";
    }
    return code().category() == error_category()
               ? detail::properties_of(static_cast<errc>(code().value())).kind
               : "transport";
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_ERROR_IPP

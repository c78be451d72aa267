//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "event_text.hpp"

#include "text.hpp"

#include <chrono>
#include <variant>

namespace tool {
namespace {

namespace events = cyclos::events;

std::string milliseconds(events::duration time)
{
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) +
           " ms";
}

std::string connection_name(std::uint64_t number)
{
    return "connection " + std::to_string(number);
}

struct event_describer
{
    std::string operator()(const events::connect_started& e) const
    {
        return connection_name(e.connection) + " to " + std::string{e.endpoint};
    }

    std::string operator()(const events::connected& e) const
    {
        return connection_name(e.connection) + " is open: " + milliseconds(e.resolve) +
               " to resolve the name, " + milliseconds(e.connect) + " to connect, " +
               milliseconds(e.handshake) + " for TLS";
    }

    std::string operator()(const events::connect_failed& e) const
    {
        return connection_name(e.connection) + " failed while " + std::string{to_string(e.phase)} +
               ": " + e.code.message();
    }

    std::string operator()(const events::connection_acquired&) const { return {}; }

    std::string operator()(const events::retried& e) const
    {
        return std::string{e.operation} + " is tried again: " + e.code.message();
    }

    std::string operator()(const events::closed& e) const
    {
        return connection_name(e.connection) + " is closed: " + std::string{to_string(e.reason)};
    }

    std::string operator()(const events::request_finished& e) const
    {
        const std::string outcome = e.status != 0 ? std::to_string(e.status) : e.code.message();
        return std::string{e.operation} + ": " + outcome + " after " + milliseconds(e.total) +
               ", " + human_size(e.sent) + " sent, " + human_size(e.received) + " received";
    }
};

} // namespace

std::string describe(const cyclos::client_event& event)
{
    return std::visit(event_describer{}, event);
}

} // namespace tool

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_CONNECT_IPP
#define CYCLOS_DETAIL_NET_IMPL_CONNECT_IPP

#include <cyclos/detail/net/connect.hpp>

#include <cyclos/detail/base/printable.hpp>
#include <cyclos/detail/net/address_race.hpp>
#include <cyclos/detail/net/authority.hpp>
#include <cyclos/detail/net/basic_authorization.hpp>
#include <cyclos/detail/net/connect_reply.hpp>
#include <cyclos/detail/net/run_connect_hook.hpp>
#include <cyclos/detail/net/socks_negotiation.hpp>

#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

namespace detail {

using tcp = boost::asio::ip::tcp;

/// The order in which a connection tries the addresses of a name.
inline std::vector<tcp::endpoint> order_of(const connection& c, const connect_settings& settings,
                                           std::vector<tcp::endpoint> addresses)
{
    if (settings.spread_addresses) {
        addresses = spread(addresses, static_cast<std::size_t>(c.id()));
    }
    return interleave(addresses);
}

inline boost::asio::awaitable<error_code> resolve(connection& c, cyclos::detail::notifier& wakeup,
                                                  std::weak_ptr<name_lookup>& current,
                                                  const connect_settings& settings,
                                                  const std::string& host, const std::string& port,
                                                  std::vector<tcp::endpoint>& addresses)
{
    const auto literal = parse_address(host);
    unsigned short number = 0;
    std::from_chars(port.data(), port.data() + port.size(), number);
    if (literal) {
        addresses.emplace_back(*literal, number);
        co_return error_code{};
    }

    const auto known = std::ranges::find_if(settings.resolve, [&](const resolve_override& each) {
        return boost::beast::iequals(each.host, host) && each.port == port;
    });
    if (known != settings.resolve.end()) {
        for (const std::string& text : known->addresses) {
            addresses.emplace_back(*parse_address(text), number);
        }
        addresses = order_of(c, settings, std::move(addresses));
        co_return error_code{};
    }
    const auto lookup = name_lookup::join(current, c.executor(), host, port);
    const name_lookup::waiter registration{lookup, wakeup};
    while (!lookup->done() && !c.abort_reason()) {
        co_await wakeup.wait();
    }
    addresses = order_of(c, settings, lookup->addresses());
    co_return c.abort_reason() ? c.abort_reason() : lookup->failure();
}

/// Opens a tunnel through an HTTP proxy. The response must fit into the connection's buffer, and
/// nothing may follow it.
inline boost::asio::awaitable<connect_failure>
tunnel(connection& c, cyclos::detail::notifier& wakeup, const connect_settings& settings)
{
    connect_failure failure;
    const std::string target = settings.origin.authority(true);
    const auto request = std::make_shared<cyclos::detail::wiped_string>("CONNECT ");
    cyclos::detail::wiped_string& text = *request;
    text += target;
    text += " HTTP/1.1\r\nHost: ";
    text += target;
    text += "\r\n";
    if (!settings.proxy.username.empty()) {
        text += "Proxy-Authorization: ";
        text += basic_authorization(settings.proxy.username, settings.proxy.password.view()).view();
        text += "\r\n";
    }
    text += "\r\n";

    c.start_write({boost::asio::buffer(text)}, request);
    connect_reply reply;
    for (;;) {
        reply = read_connect_reply(c.input());
        const bool finished = reply.outcome != connect_reply::verdict::incomplete ||
                              c.abort_reason() || c.read_failure() || c.write_failure() ||
                              c.input_full();
        if (finished && !c.writing()) {
            break;
        }
        c.start_read();
        if (c.reading() || c.writing()) {
            co_await wakeup.wait();
        }
    }
    switch (reply.outcome) {
    case connect_reply::verdict::incomplete:
        failure.code = c.abort_reason()    ? c.abort_reason()
                       : c.write_failure() ? c.write_failure()
                       : c.read_failure()  ? c.read_failure()
                                           : make_error_code(errc::proxy_refused);
        break;
    case connect_reply::verdict::established:
        c.consume(reply.size);
        if (!c.input().empty()) {
            failure.code = errc::proxy_refused;
            failure.detail = "the proxy sent more than it was asked for";
        }
        break;
    case connect_reply::verdict::refused:
        failure.code = errc::proxy_refused;
        failure.detail = "the proxy said: " + cyclos::detail::printable(reply.status_line);
        break;
    case connect_reply::verdict::malformed:
        failure.code = errc::proxy_refused;
        failure.detail =
            "the proxy does not speak HTTP/1.1: " + cyclos::detail::printable(c.input());
        break;
    }
    co_return failure;
}

/// Opens a tunnel through a SOCKS5 proxy. Nothing may follow its last reply.
inline boost::asio::awaitable<connect_failure>
socks_tunnel(connection& c, cyclos::detail::notifier& wakeup, const connect_settings& settings)
{
    using state = socks_negotiation::state;
    connect_failure failure;
    std::uint16_t port = 0;
    const std::string& digits = settings.origin.port;
    std::from_chars(digits.data(), digits.data() + digits.size(), port);
    socks_negotiation negotiation{settings.origin.host, port, settings.proxy.username,
                                  settings.proxy.password};
    state requested = state::failed; // the last state whose request was sent
    for (;;) {
        const state now = negotiation.current();
        failure.code = c.abort_reason() ? c.abort_reason() : c.write_failure();
        if (failure.code || now == state::established || now == state::failed) {
            break;
        }
        if (requested != now && !c.writing()) {
            const auto request =
                std::make_shared<const cyclos::detail::wiped_bytes>(negotiation.request());
            c.start_write({boost::asio::buffer(*request)}, request);
            requested = now;
        }
        if (requested == now) {
            c.consume(negotiation.process(c.input()));
            if (negotiation.current() != now) {
                continue;
            }
        }
        if (c.read_failure() || c.input_full()) {
            failure.code =
                c.read_failure() ? c.read_failure() : make_error_code(errc::proxy_refused);
            break;
        }
        c.start_read();
        if (c.reading() || c.writing()) {
            co_await wakeup.wait();
        }
    }
    if (!failure.code && negotiation.current() == state::failed) {
        failure.code = errc::proxy_refused;
        failure.detail = negotiation.failure();
    }
    else if (!failure.code && !c.input().empty()) {
        failure.code = errc::proxy_refused;
        failure.detail = "the proxy sent more than it was asked for";
    }
    co_return failure;
}

inline boost::asio::awaitable<connect_failure>
handshake(connection& c, cyclos::detail::notifier& wakeup, std::shared_ptr<tls_context> tls,
          std::shared_ptr<session_cache> sessions, const std::string& host)
{
    connect_failure failure;
    failure.phase = phase::handshaking;
    const bool verifies = tls->verifies();
    c.stream().secure(std::move(tls), std::move(sessions), host);
    c.start_handshake();
    while (c.handshaking()) {
        co_await wakeup.wait();
    }
    failure.code = c.abort_reason() ? c.abort_reason() : c.handshake_failure();
    if (failure.code && !c.abort_reason() && verifies) {
        failure.detail = c.stream().verify_failure();
        if (c.stream().host_mismatch()) {
            failure.code = errc::host_name_mismatch;
        }
    }
    std::string actual_key;
    if (!failure.code && !c.stream().accepts_public_key(actual_key)) {
        failure.code = errc::public_key_mismatch;
        failure.detail = "the server has " + actual_key;
    }
    co_return failure;
}

/// Opens the tunnel to the server, on a connection to the proxy.
inline boost::asio::awaitable<connect_failure>
pass_proxy(connection& c, cyclos::detail::notifier& wakeup, const connect_settings& settings)
{
    connect_failure failure;
    if (settings.proxy_tls) {
        c.set_phase_deadline(settings.timeouts.handshake, errc::handshake_timeout);
        failure = co_await handshake(c, wakeup, settings.proxy_tls->get(),
                                     std::make_shared<session_cache>(), settings.proxy.host);
        if (failure.code) {
            failure.detail =
                "with the proxy" + (failure.detail.empty() ? "" : ": " + failure.detail);
            co_return failure;
        }
        c.set_phase_deadline(settings.timeouts.connect, errc::connect_timeout);
    }
    if (settings.proxy.kind == proxy_kind::socks5) {
        failure = co_await socks_tunnel(c, wakeup, settings);
    }
    else {
        failure = co_await tunnel(c, wakeup, settings);
    }
    failure.phase = phase::connecting;
    co_return failure;
}

/// Measures the phases of opening a connection, and reports the result to the event hook, if any.
class connect_report
{
public:
    connect_report(const connect_settings& settings, std::uint64_t connection)
        : hook_(settings.on_event)
    {
        times.connection = connection;
        if (hook_) {
            begin_ = last_ = std::chrono::steady_clock::now();
            const std::string endpoint = settings.origin.to_string();
            hook_(events::connect_started{.connection = connection, .endpoint = endpoint});
        }
    }

    /// Stores the duration of the phase that has ended.
    void end_phase(events::duration& phase)
    {
        if (hook_) {
            const auto now = std::chrono::steady_clock::now();
            phase = now - last_;
            last_ = now;
        }
    }

    void end(const connect_failure& failure, bool resumed)
    {
        if (hook_ && !failure.code) {
            times.resumed = resumed;
            hook_(times);
        }
        else if (hook_) {
            hook_(events::connect_failed{.connection = times.connection,
                                         .phase = failure.phase,
                                         .code = failure.code,
                                         .detail = failure.detail,
                                         .elapsed = std::chrono::steady_clock::now() - begin_});
        }
    }

    events::connected times;

private:
    const event_hook& hook_;
    std::chrono::steady_clock::time_point begin_;
    std::chrono::steady_clock::time_point last_;
};

} // namespace detail

CYCLOS_DECL boost::asio::awaitable<connect_failure>
connect(std::shared_ptr<connection> c, std::shared_ptr<const connect_settings> settings,
        std::shared_ptr<tls_context> tls, std::shared_ptr<session_cache> sessions,
        std::weak_ptr<name_lookup>& lookup)
{
    cyclos::detail::notifier wakeup{c->executor()};
    c->attach(wakeup);
    const bool via_proxy = !settings->proxy.host.empty();
    const std::string& host = via_proxy ? settings->proxy.host : settings->origin.host;
    const std::string& port = via_proxy ? settings->proxy.port : settings->origin.port;
    connect_failure failure;
    detail::connect_report report{*settings, c->id()};

    std::vector<boost::asio::ip::tcp::endpoint> addresses;
    if (!settings->connect) {
        failure.phase = phase::resolving;
        c->set_phase_deadline(settings->timeouts.resolve, errc::resolve_timeout);
        failure.code =
            co_await detail::resolve(*c, wakeup, lookup, *settings, host, port, addresses);
    }
    report.end_phase(report.times.resolve);

    if (!failure.code) {
        failure.phase = phase::connecting;
        c->set_phase_deadline(settings->timeouts.connect, errc::connect_timeout);
        if (settings->connect) {
            connect_target target{host, port};
            failure.code = co_await run_connect_hook(*c, wakeup, settings->connect,
                                                     std::move(target), failure.detail);
        }
        else {
            failure.code = co_await race_addresses(*c, wakeup, addresses);
        }
    }
    if (!failure.code) {
        c->stream().keep_alive(settings->tcp_keep_alive);
    }
    if (!failure.code && via_proxy) {
        failure = co_await detail::pass_proxy(*c, wakeup, *settings);
    }
    report.end_phase(report.times.connect);
    if (!failure.code && tls) {
        c->set_phase_deadline(settings->timeouts.handshake, errc::handshake_timeout);
        failure = co_await detail::handshake(*c, wakeup, std::move(tls), std::move(sessions),
                                             settings->origin.host);
        report.end_phase(report.times.handshake);
    }
    c->clear_deadlines();
    c->detach();
    if (failure.code) {
        c->abort(failure.code);
    }
    report.end(failure, c->stream().resumed());
    co_return failure;
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_CONNECT_IPP

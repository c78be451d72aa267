//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_IMPL_CONNECT_IPP
#define CYCLOS_NET_IMPL_CONNECT_IPP

#include <cyclos/net/connect.hpp>

#include <cyclos/detail/printable.hpp>
#include <cyclos/net/address_race.hpp>
#include <cyclos/net/authority.hpp>
#include <cyclos/net/connect_reply.hpp>

#include <boost/asio/ssl/error.hpp>

#include <charconv>
#include <chrono>

namespace cyclos::inline CYCLOS_ABI::net {

namespace detail {

using tcp = boost::asio::ip::tcp;

inline boost::asio::awaitable<error_code> resolve(connection& c, cyclos::detail::event& mailbox,
                                                  std::weak_ptr<name_lookup>& present, const std::string& host,
                                                  const std::string& port, std::vector<tcp::endpoint>& addresses)
{
    const auto literal = read_address(host);
    unsigned short number = 0;
    std::from_chars(port.data(), port.data() + port.size(), number);
    if (literal) {
        addresses.emplace_back(*literal, number);
        co_return error_code{};
    }

    const auto lookup = name_lookup::join(present, c.executor(), host, port);
    const name_lookup::waiter here{lookup, mailbox};
    while (!lookup->done() && !c.abort_reason()) {
        co_await mailbox.wait();
    }
    addresses = interleave(lookup->addresses());
    co_return c.abort_reason() ? c.abort_reason() : lookup->failure();
}

/// Asks the proxy for a tunnel. What it answers has to fit into the connection's buffer, and nothing may follow.
inline boost::asio::awaitable<connect_failure> tunnel(connection& c, cyclos::detail::event& mailbox,
                                                      const connect_settings& settings)
{
    connect_failure failure;
    const std::string target = settings.origin.authority(true);
    const auto request = std::make_shared<cyclos::detail::wiped_string>("CONNECT ");
    cyclos::detail::wiped_string& head = *request;
    head += target;
    head += " HTTP/1.1\r\nHost: ";
    head += target;
    head += "\r\n";
    if (!settings.proxy.username.empty()) {
        head += "Proxy-Authorization: ";
        head += basic_authorization(settings.proxy.username, settings.proxy.password.view()).view();
        head += "\r\n";
    }
    head += "\r\n";

    c.start_write({boost::asio::buffer(head)}, request);
    connect_reply reply;
    for (;;) {
        reply = read_connect_reply(c.input());
        const bool is_over = reply.outcome != connect_reply::verdict::incomplete || c.abort_reason() ||
                             c.read_failure() || c.write_failure() || c.input_full();
        if (is_over && !c.writing()) {
            break;
        }
        c.start_read();
        if (c.reading() || c.writing()) {
            co_await mailbox.wait();
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
        failure.detail = "the proxy does not speak HTTP/1.1: " + cyclos::detail::printable(c.input());
        break;
    }
    co_return failure;
}

inline boost::asio::awaitable<connect_failure> handshake(connection& c, cyclos::detail::event& mailbox,
                                                         const connect_settings& settings,
                                                         std::shared_ptr<session_cache> sessions)
{
    connect_failure failure;
    c.stream().secure(*settings.tls, std::move(sessions), settings.origin.host);
    c.start_handshake();
    while (c.handshaking()) {
        co_await mailbox.wait();
    }
    failure.code = c.abort_reason() ? c.abort_reason() : c.handshake_failure();
    if (failure.code && !c.abort_reason() && settings.verify_host) {
        failure.detail = c.stream().verify_failure();
        if (c.stream().host_mismatch()) {
            failure.code = errc::host_name_mismatch;
        }
    }
    co_return failure;
}

/// Tells the hook how a connection was opened, where there is one.
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

    /// A phase has ended.
    void lap(events::duration& phase)
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
                                         .after = std::chrono::steady_clock::now() - begin_});
        }
    }

    events::connected times;

private:
    const event_hook& hook_;
    std::chrono::steady_clock::time_point begin_;
    std::chrono::steady_clock::time_point last_;
};

} // namespace detail

CYCLOS_DECL boost::asio::awaitable<connect_failure> connect(std::shared_ptr<connection> c,
                                                            std::shared_ptr<const connect_settings> settings,
                                                            std::shared_ptr<session_cache> sessions,
                                                            std::weak_ptr<name_lookup>& lookup)
{
    cyclos::detail::event mailbox{c->executor()};
    c->attach(mailbox);
    const bool by_proxy = !settings->proxy.host.empty();
    const std::string& host = by_proxy ? settings->proxy.host : settings->origin.host;
    const std::string& port = by_proxy ? settings->proxy.port : settings->origin.port;
    connect_failure failure;
    detail::connect_report report{*settings, c->id()};

    failure.phase = phase::resolving;
    c->expect(settings->timeouts.resolve, errc::resolve_timeout);
    std::vector<boost::asio::ip::tcp::endpoint> addresses;
    failure.code = co_await detail::resolve(*c, mailbox, lookup, host, port, addresses);
    report.lap(report.times.resolve);

    if (!failure.code) {
        failure.phase = phase::connecting;
        c->expect(settings->timeouts.connect, errc::connect_timeout);
        failure.code = co_await race_addresses(*c, mailbox, addresses);
    }
    if (!failure.code && by_proxy) {
        failure = co_await detail::tunnel(*c, mailbox, *settings);
        failure.phase = phase::connecting;
    }
    report.lap(report.times.connect);
    if (!failure.code && settings->origin.tls) {
        c->expect(settings->timeouts.handshake, errc::handshake_timeout);
        failure = co_await detail::handshake(*c, mailbox, *settings, std::move(sessions));
        failure.phase = phase::handshaking;
        report.lap(report.times.handshake);
    }
    c->expect_nothing();
    c->detach();
    if (failure.code) {
        c->abort(failure.code);
    }
    report.end(failure, c->stream().resumed());
    co_return failure;
}

} // namespace cyclos::inline CYCLOS_ABI::net

#endif // CYCLOS_NET_IMPL_CONNECT_IPP

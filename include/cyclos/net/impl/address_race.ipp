//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_IMPL_ADDRESS_RACE_IPP
#define CYCLOS_NET_IMPL_ADDRESS_RACE_IPP

#include <cyclos/net/address_race.hpp>

#include <cyclos/detail/abandon_on_exit.hpp>

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::net {

namespace detail {

using tcp = boost::asio::ip::tcp;

// RFC 8305, section 8: the time that one address has before the next one is tried as well.
inline constexpr std::chrono::milliseconds connection_attempt_delay{250};

/// Attempts at several addresses at the same time, of which the first to succeed wins.
struct address_race : std::enable_shared_from_this<address_race>
{
    explicit address_race(const boost::asio::any_io_executor& executor)
        : timer(executor)
    {}

    struct attempt
    {
        tcp::socket socket;
        bool pending = true;
    };

    void start(const tcp::endpoint& address)
    {
        const std::size_t n = attempts.size();
        attempts.push_back(attempt{tcp::socket(timer.get_executor())});
        ++pending;
        attempts[n].socket.async_connect(address, [self = shared_from_this(), n](const error_code& ec) {
            self->attempts[n].pending = false;
            --self->pending;
            if (!ec && !self->winner) {
                self->winner = n;
            }
            else if (ec) {
                self->failure = ec;
                self->due = true; // there is nothing to wait for
            }
            self->tell();
        });
        timer.expires_after(connection_attempt_delay);
        due = false;
        timer.async_wait([self = shared_from_this()](const error_code& ec) {
            if (!ec) {
                self->due = true;
                self->tell();
            }
        });
    }

    void tell()
    {
        if (owner != nullptr) {
            owner->notify();
        }
    }

    void abandon() noexcept
    {
        owner = nullptr;
        timer.cancel();
        for (attempt& a : attempts) {
            error_code ignored;
            a.socket.close(ignored);
        }
    }

    boost::asio::steady_timer timer;
    cyclos::detail::event* owner = nullptr;
    std::vector<attempt> attempts;
    std::size_t pending = 0;
    std::optional<std::size_t> winner;
    error_code failure;
    bool due = false;
};

} // namespace detail

CYCLOS_DECL std::vector<boost::asio::ip::tcp::endpoint>
interleave(const std::vector<boost::asio::ip::tcp::endpoint>& addresses)
{
    std::vector<boost::asio::ip::tcp::endpoint> first;
    std::vector<boost::asio::ip::tcp::endpoint> second;
    for (const auto& address : addresses) {
        (address.protocol() == addresses.front().protocol() ? first : second).push_back(address);
    }
    std::vector<boost::asio::ip::tcp::endpoint> order;
    order.reserve(addresses.size());
    for (std::size_t n = 0; n < (std::max)(first.size(), second.size()); ++n) {
        if (n < first.size()) {
            order.push_back(first[n]);
        }
        if (n < second.size()) {
            order.push_back(second[n]);
        }
    }
    return order;
}

CYCLOS_DECL boost::asio::awaitable<error_code> race_addresses(connection& c, cyclos::detail::event& mailbox,
                                                              std::vector<boost::asio::ip::tcp::endpoint> addresses)
{
    const auto attempts = std::make_shared<detail::address_race>(c.executor());
    const cyclos::detail::abandon_on_exit guard{attempts, mailbox};
    attempts->attempts.reserve(addresses.size());
    std::size_t next = 0;
    while (!attempts->winner && !c.abort_reason()) {
        if (next < addresses.size() && (attempts->pending == 0 || attempts->due)) {
            attempts->start(addresses[next++]);
        }
        else if (attempts->pending == 0) {
            co_return attempts->failure;
        }
        co_await mailbox.wait();
    }
    if (c.abort_reason()) {
        co_return c.abort_reason();
    }
    c.stream().adopt(std::move(attempts->attempts[*attempts->winner].socket));
    co_return error_code{};
}

} // namespace cyclos::inline CYCLOS_ABI::net

#endif // CYCLOS_NET_IMPL_ADDRESS_RACE_IPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_ADDRESS_RACE_IPP
#define CYCLOS_DETAIL_NET_IMPL_ADDRESS_RACE_IPP

#include <cyclos/detail/net/address_race.hpp>

#include <cyclos/detail/base/abandon_on_exit.hpp>

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

namespace detail {

using tcp = boost::asio::ip::tcp;

// RFC 8305, section 8: the delay after which the next address is tried in parallel.
inline constexpr std::chrono::milliseconds connection_attempt_delay{250};

/// Several connection attempts in parallel. The first to succeed wins.
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

    void start_attempt(const tcp::endpoint& address)
    {
        const std::size_t n = attempts.size();
        attempts.push_back(attempt{tcp::socket(timer.get_executor())});
        ++pending;
        attempts[n].socket.async_connect(address,
                                         [self = shared_from_this(), n](const error_code& ec) {
                                             self->attempts[n].pending = false;
                                             --self->pending;
                                             if (!ec && !self->winner) {
                                                 self->winner = n;
                                             }
                                             else if (ec) {
                                                 self->failure = ec;
                                                 // Start the next attempt without delay.
                                                 self->next_due = true;
                                             }
                                             self->notify_owner();
                                         });
        timer.expires_after(connection_attempt_delay);
        next_due = false;
        timer.async_wait([self = shared_from_this()](const error_code& ec) {
            if (!ec) {
                self->next_due = true;
                self->notify_owner();
            }
        });
    }

    void notify_owner()
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
    cyclos::detail::notifier* owner = nullptr;
    std::vector<attempt> attempts;
    std::size_t pending = 0;
    std::optional<std::size_t> winner;
    error_code failure;
    bool next_due = false;
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

CYCLOS_DECL boost::asio::awaitable<error_code>
race_addresses(connection& c, cyclos::detail::notifier& wakeup,
               std::vector<boost::asio::ip::tcp::endpoint> addresses)
{
    const auto race = std::make_shared<detail::address_race>(c.executor());
    const cyclos::detail::abandon_on_exit guard{race, wakeup};
    race->attempts.reserve(addresses.size()); // a socket must not move while it connects
    std::size_t next = 0;
    while (!race->winner && !c.abort_reason()) {
        if (next < addresses.size() && (race->pending == 0 || race->next_due)) {
            race->start_attempt(addresses[next++]);
        }
        else if (race->pending == 0) {
            co_return race->failure;
        }
        co_await wakeup.wait();
    }
    if (c.abort_reason()) {
        co_return c.abort_reason();
    }
    c.stream().adopt(std::move(race->attempts[*race->winner].socket));
    co_return error_code{};
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_ADDRESS_RACE_IPP

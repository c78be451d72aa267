//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Pools of one server with a shared quota: no pool stays blocked while another has a free
// connection.

#include "integration/support/integration_test.hpp"
#include "integration/support/reserved_port.hpp"
#include "integration/support/run_one_for.hpp"

#include <cyclos/detail/net/connection_quota.hpp>
#include <cyclos/detail/net/pool.hpp>

#include <array>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::net::purpose;
using tcp = asio::ip::tcp;

/// Pools, and a server that accepts connections and sends nothing.
class shared_pools : public test_context
{
public:
    shared_pools(std::size_t pools, const cyclos::pool_config& limits)
        : shared_pools(std::vector<unsigned short>(pools), limits)
    {
        accept();
    }

    /// @param ports The server ports, one for each pool; 0: that of the accepting server.
    shared_pools(const std::vector<unsigned short>& ports, const cyclos::pool_config& limits)
        : quota(std::make_shared<cyclos::net::connection_quota>(limits.max_connections))
    {
        for (const unsigned short port : ports) {
            auto settings = std::make_shared<cyclos::net::connect_settings>();
            settings->origin.host = "127.0.0.1";
            settings->origin.port =
                std::to_string(port != 0 ? port : acceptor_.local_endpoint().port());
            settings->origin.tls = false;
            settings->timeouts.resolve = settings->timeouts.connect = 10s;
            all_.push_back(std::make_shared<cyclos::net::pool>(context().get_executor(), limits,
                                                               settings, 16 * 1024, quota));
        }
        for (const auto& each : all_) {
            std::vector<std::weak_ptr<cyclos::net::pool>> others;
            for (const auto& other : all_) {
                if (other != each) {
                    others.push_back(other);
                }
            }
            each->set_siblings(std::move(others));
        }
    }

    cyclos::net::pool& operator[](std::size_t n) { return *all_[n]; }

    /// Lets all pending events happen.
    void settle()
    {
        const auto end = std::chrono::steady_clock::now() + 50ms;
        until([&] { return std::chrono::steady_clock::now() >= end; });
    }

    std::shared_ptr<cyclos::net::connection_quota> quota;

private:
    void accept()
    {
        acceptor_.async_accept([this](const cyclos::error_code& ec, tcp::socket taken) {
            if (!ec) {
                taken_.push_back(std::move(taken));
                accept();
            }
        });
    }

    tcp::acceptor acceptor_{context(), {asio::ip::address_v4::loopback(), 0}};
    std::vector<tcp::socket> taken_;
    std::vector<std::shared_ptr<cyclos::net::pool>> all_;
};

/// A request that acquires a connection, and holds it until it is ended.
class request
{
public:
    request(shared_pools& pools, std::size_t pool, purpose intent)
        : wakeup_(pools.context().get_executor())
    {
        waiter_.emplace(pools[pool], wakeup_, cyclos::net::freshness::any, intent,
                        (cyclos::net::pool_core::time_point::max)());
    }

    bool is_served()
    {
        if (waiter_ && !lease_) {
            lease_ = waiter_->take();
        }
        return static_cast<bool>(lease_);
    }

    std::optional<cyclos::net::connect_failure> failure() const { return waiter_->failure(); }

    /// Ends, and releases a reusable connection.
    void end()
    {
        waiter_.reset();
        if (lease_) {
            lease_.mark_reusable(std::nullopt);
            lease_.release();
        }
    }

    /// Loses its connection.
    void break_off() { lease_.release(); }

private:
    cyclos::detail::notifier wakeup_;
    std::optional<cyclos::net::pool_waiter> waiter_;
    cyclos::net::lease lease_;
};

cyclos::pool_config limits(std::size_t connections)
{
    cyclos::pool_config config;
    config.max_connections = connections;
    return config;
}

/// A server whose listen queue is full: the system drops connection attempts.
class black_hole
{
public:
    explicit black_hole(test_context& context)
        : acceptor_(context.context())
    {
        acceptor_.open(tcp::v4());
        acceptor_.bind({asio::ip::address_v4::loopback(), 0});
        acceptor_.listen(0);
        for (int n = 0; n < 4; ++n) {
            waiting_.emplace_back(context.context())
                .async_connect(acceptor_.local_endpoint(), [](cyclos::error_code) {});
        }
    }

    unsigned short port() const { return acceptor_.local_endpoint().port(); }

private:
    tcp::acceptor acceptor_;
    std::list<tcp::socket> waiting_;
};

} // namespace

TEST_SUITE("shared quota")
{
    TEST_CASE("shared quota: a blocked pool gets the place of a connection that is released or "
              "idle in another pool")
    {
        for (const bool idle : {false, true}) {
            CAPTURE(idle);
            shared_pools pools{2, limits(1)};
            request first{pools, 0, purpose::exchange};
            pools.until([&] { return first.is_served(); });
            if (idle) {
                first.end();
                pools.until([&] { return pools[0].stats().idle == 1; });
            }
            request second{pools, 1, purpose::exchange};
            if (!idle) {
                pools.settle();
                CHECK_FALSE(second.is_served());
                first.end();
            }
            CHECK_NOTHROW(pools.until([&] { return second.is_served(); }, 2s));
            CHECK(pools[0].stats().idle == 0);
        }
    }

    TEST_CASE("shared quota: a blocked pool gets the place of a connection that opens for an "
              "abandoned request")
    {
        shared_pools pools{2, limits(1)};
        request first{pools, 0, purpose::exchange};
        request second{pools, 1, purpose::exchange};
        first.end(); // while the connection is being opened
        CHECK_NOTHROW(pools.until([&] { return second.is_served(); }, 2s));
    }

    TEST_CASE("shared quota: each of several blocked pools gets a place")
    {
        shared_pools pools{4, limits(3)};
        std::vector<std::unique_ptr<request>> busy;
        for (int n = 0; n < 3; ++n) {
            busy.push_back(std::make_unique<request>(pools, 0, purpose::exchange));
        }
        pools.until(
            [&] { return busy[0]->is_served() && busy[1]->is_served() && busy[2]->is_served(); });
        std::vector<std::unique_ptr<request>> hungry;
        for (std::size_t n = 1; n < 4; ++n) {
            hungry.push_back(std::make_unique<request>(pools, n, purpose::exchange));
        }
        pools.settle();
        for (auto& each : busy) {
            each->end();
        }
        for (auto& each : hungry) {
            CHECK_NOTHROW(pools.until([&] { return each->is_served(); }, 2s));
        }
    }

    TEST_CASE("shared quota: a blocked pool gets a place although another pool always has waiters")
    {
        shared_pools pools{2, limits(1)};
        std::list<request> load;
        const auto go_on = [&] {
            while (load.size() < 3) {
                load.emplace_back(pools, 0, purpose::exchange);
            }
            if (!load.front().is_served()) {
                return false;
            }
            load.front().end();
            load.pop_front();
            return true;
        };
        pools.until(go_on);
        request starving{pools, 1, purpose::exchange};
        CHECK_NOTHROW(pools.until(
            [&] {
                go_on();
                return starving.is_served();
            },
            5s));
        starving.end();
        CHECK_NOTHROW(pools.until(go_on, 2s));
    }

    TEST_CASE("shared quota: two pools that always have waiters keep their connections")
    {
        shared_pools pools{2, limits(4)};
        std::array<std::list<request>, 2> load;
        unsigned served = 0;
        pools.until([&] {
            for (std::size_t n = 0; n < load.size(); ++n) {
                while (load[n].size() < 8) {
                    load[n].emplace_back(pools, n, purpose::exchange);
                }
                if (load[n].front().is_served()) {
                    load[n].front().end();
                    load[n].pop_front();
                    ++served;
                }
            }
            return served >= 1000;
        });
        CHECK(pools[0].stats().opened + pools[1].stats().opened <
              100); // opening one for each request would be slow
    }

    TEST_CASE("shared quota: a place that was given away is not taken back for min_connections")
    {
        auto some = limits(1);
        some.min_connections = 1;
        shared_pools pools{2, some};
        request first{pools, 0, purpose::exchange};
        pools.until([&] { return first.is_served(); });
        request second{pools, 1, purpose::exchange};
        pools.settle();
        first.end();
        CHECK_NOTHROW(pools.until([&] { return second.is_served(); }, 2s));
    }

    TEST_CASE("shared quota: a blocked pool tells another one of a free companion place")
    {
        shared_pools pools{2, limits(1)};
        request content{pools, 0, purpose::content};
        pools.until([&] { return content.is_served(); });
        request unrelated{pools, 0, purpose::upload};
        pools.until([&] { return unrelated.is_served(); });
        request reader{pools, 1, purpose::upload}; // of the content
        request other{pools, 0, purpose::exchange};
        pools.settle();
        CHECK_FALSE(reader.is_served());
        unrelated.end();
        CHECK_NOTHROW(pools.until([&] { return reader.is_served(); }, 2s));
        CHECK_FALSE(other.is_served());
        reader.end();
        content.end();
        CHECK_NOTHROW(pools.until([&] { return other.is_served(); }, 2s));
    }
}

TEST_SUITE("pools of an unreachable server")
{
    TEST_CASE("pools of an unreachable server: a waiter of a hanging connection fails when another "
              "pool is refused")
    {
        const reserved_port refusing;
        test_context keeper;
        const black_hole hole{keeper};
        for (int i = 0; i < 10; ++i) {
            run_one_for(keeper.context(), 2ms);
        }
        shared_pools pools{std::vector<unsigned short>{refusing.number(), hole.port()}, limits(4)};
        const request hanging{pools, 1, purpose::exchange};
        pools.settle();
        REQUIRE_FALSE(hanging.failure());
        const request refused{pools, 0, purpose::exchange};
        CHECK_NOTHROW(pools.until([&] { return refused.failure().has_value(); }, 2s));
        // A connection that is being opened is waited for one second; the connect timeout is ten
        // seconds.
        CHECK_NOTHROW(pools.until([&] { return hanging.failure().has_value(); }, 5s));
        REQUIRE(hanging.failure());
        CHECK(hanging.failure()->code == asio::error::connection_refused);
    }

    TEST_CASE("pools of an unreachable server: the pause end reported to a rejected request is "
              "never in the past")
    {
        const reserved_port port;
        auto one = limits(2);
        one.max_pending_acquires = 0;
        shared_pools pools{std::vector<unsigned short>{port.number()}, one};
        {
            const request first{pools, 0, purpose::exchange};
            pools.until([&] { return first.failure().has_value(); });
        }
        pools.until([&] { return pools[0].pause_end() <= std::chrono::steady_clock::now(); });

        // The server is back, accepts a connection that is no longer needed, and closes it.
        tcp::acceptor acceptor{pools.context(), {asio::ip::address_v4::loopback(), port.number()}};
        tcp::socket taken{pools.context()};
        acceptor.async_accept(taken, [](cyclos::error_code) {});
        request{pools, 0, purpose::exchange};
        pools.until([&] { return pools[0].stats().idle == 1 && taken.is_open(); });
        taken.close();
        pools.until([&] { return pools[0].stats().idle == 0; });

        const request probe{pools, 0, purpose::exchange};
        const auto before = std::chrono::steady_clock::now();
        const request second{pools, 0, purpose::exchange};
        REQUIRE(second.failure());
        REQUIRE(second.failure()->pause_end);
        CHECK(*second.failure()->pause_end >= before);
    }
}

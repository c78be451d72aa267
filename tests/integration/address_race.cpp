//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Connecting to several addresses, some of which are dead.

#include "integration/support/integration_test.hpp"
#include "integration/support/reserved_port.hpp"
#include "integration/support/silent_listener.hpp"

#include <cyclos/detail/net/address_race.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <vector>

namespace {

using namespace cyclos::test;
using tcp = asio::ip::tcp;

/// Accepts connections, and counts opened and closed ones.
class listener
{
public:
    listener(asio::io_context& context, const asio::ip::address& address)
        : acceptor_(context, tcp::endpoint{address, 0})
    {
        accept();
    }

    tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

    int accepted = 0;
    int ended = 0;

private:
    void accept()
    {
        acceptor_.async_accept([this](cyclos::error_code ec, tcp::socket socket) {
            if (ec) {
                return;
            }
            ++accepted;
            const auto kept = std::make_shared<tcp::socket>(std::move(socket));
            kept->async_read_some(asio::buffer(&byte_, 1), [this, kept](const cyclos::error_code&,
                                                                        std::size_t) { ++ended; });
            accept();
        });
    }

    tcp::acceptor acceptor_;
    char byte_ = 0;
};

class race : public test_context
{
public:
    race()
        : connection(
              std::make_shared<cyclos::net::connection>(context().get_executor(), 0, 1, 8192))
        , wakeup_(context().get_executor())
    {
        connection->attach(wakeup_);
    }

    ~race()
    {
        connection->detach();
        connection->abort(cyclos::errc::cancelled);
    }

    std::future<cyclos::error_code> start(std::vector<tcp::endpoint> addresses)
    {
        return asio::co_spawn(
            context(), cyclos::net::race_addresses(*connection, wakeup_, std::move(addresses)),
            asio::use_future);
    }

    cyclos::error_code run(std::vector<tcp::endpoint> addresses)
    {
        return get(start(std::move(addresses)));
    }

    asio::generic::stream_protocol::endpoint winner() const
    {
        return connection->stream().socket().remote_endpoint();
    }

    std::shared_ptr<cyclos::net::connection> connection;

private:
    cyclos::detail::notifier wakeup_;
};

tcp::endpoint refusing(const reserved_port& port)
{
    return {asio::ip::address_v4::loopback(), port.number()};
}

const asio::ip::address v4 = asio::ip::address_v4::loopback();
const asio::ip::address v6 = asio::ip::address_v6::loopback();

} // namespace

TEST_SUITE("address race")
{
    TEST_CASE("address race: the first address is used if it answers, and no other is tried")
    {
        race r;
        listener first{r.context(), v6};
        listener second{r.context(), v4};
        CHECK_FALSE(r.run({first.endpoint(), second.endpoint()}));
        CHECK(r.winner() == first.endpoint());
        r.until([&] { return first.accepted == 1; });
        CHECK(second.accepted == 0);
    }

    TEST_CASE("address race: an address that refuses is skipped at once")
    {
        race r;
        const reserved_port dead;
        listener alive{r.context(), v4};
        const auto before = std::chrono::steady_clock::now();
        CHECK_FALSE(r.run({refusing(dead), refusing(dead), alive.endpoint()}));
        CHECK(r.winner() == alive.endpoint());
        // Two attempt delays would be 500 ms.
        CHECK(std::chrono::steady_clock::now() - before < 250ms);
    }

    TEST_CASE("address race: an address that does not answer is raced by the next one after 250 ms")
    {
        race r;
        silent_listener black_hole;
        black_hole.fill();
        listener alive{r.context(), v4};
        const auto before = std::chrono::steady_clock::now();
        CHECK_FALSE(r.run({black_hole.endpoint(), alive.endpoint()}));
        CHECK(r.winner() == alive.endpoint());
        const auto time = std::chrono::steady_clock::now() - before;
        CHECK(time >= 240ms);
        CHECK(time < 3s); // unless the machine is busy, it is 250 ms
    }

    TEST_CASE("address race: a refusal while another address does not answer starts the next "
              "attempt at once")
    {
        race r;
        silent_listener black_hole;
        black_hole.fill();
        const reserved_port dead;
        listener alive{r.context(), v4};
        const auto before = std::chrono::steady_clock::now();
        CHECK_FALSE(r.run({black_hole.endpoint(), refusing(dead), alive.endpoint()}));
        CHECK(std::chrono::steady_clock::now() - before < 500ms); // one delay, not two
    }

    TEST_CASE("address race: if all addresses fail, the error is that of the last one")
    {
        race r;
        const reserved_port dead;
        CHECK(r.run({refusing(dead), refusing(dead)}) == asio::error::connection_refused);
    }

    TEST_CASE("address race: aborting the connection ends all attempts")
    {
        race r;
        silent_listener black_hole;
        black_hole.fill();
        auto outcome = r.start({black_hole.endpoint(), black_hole.endpoint()});
        const auto until = std::chrono::steady_clock::now() + 20ms;
        r.until([&] { return std::chrono::steady_clock::now() > until; });
        r.connection->abort(cyclos::errc::connect_timeout);
        CHECK(r.get(std::move(outcome)) == cyclos::errc::connect_timeout);
    }
}

TEST_SUITE("host name with several addresses")
{
    TEST_CASE("host name with several addresses: a dead address is skipped")
    {
        // localhost is ::1 and 127.0.0.1 on most systems; the server listens on one of them only.
        asio::io_context other;
        for (const auto& each : tcp::resolver{other}.resolve("localhost", "443")) {
            test_context test;
            listener alive{test.context(), each.endpoint().address()};
            cyclos::config settings{
                "http://localhost:" + std::to_string(alive.endpoint().port()) + "/api", demo()};
            cyclos::client client{test.context(), settings};
            const cyclos::images_api images{client};
            auto outcome = asio::co_spawn(client.get_executor(), as_result(images.view_image("1")),
                                          asio::use_future);
            test.until([&] { return alive.accepted == 1; });
            CHECK(outcome.wait_for(0s) == std::future_status::timeout);
        }
    }

    TEST_CASE("host name with several addresses: IPv4 and IPv6 literals are connected to, without "
              "server name")
    {
        for (const std::string host : {"127.0.0.1", "[::1]"}) {
            cyclos::sandbox::server server;
            auto settings = config_for(server, demo());
            settings.base_url = "https://" + host + ":" + std::to_string(server.port()) + "/api";
            client_session session{settings};
            CHECK(session.run(session.images.view_image(fixture::portrait)).width == 64);
            CHECK(server.requests().back().header("Host") ==
                  host + ":" + std::to_string(server.port()));
            CHECK(server.requests().back().server_name.empty()); // SNI has no addresses
        }
    }
}

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Calls of the event hook.

#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/reserved_port.hpp"

#include <string>
#include <variant>
#include <vector>

namespace {

using namespace cyclos::test;
namespace events = cyclos::events;

/// Records events: a description of each, and the last one of each type.
class journal
{
public:
    adjustment hook()
    {
        return [this](cyclos::config& c) {
            c.on_event = [this](const cyclos::client_event& e) { std::visit(*this, e); };
        };
    }

    std::vector<std::string> take() { return std::exchange(words_, {}); }

    void operator()(const events::connect_started& e)
    {
        words_.push_back("started " + std::to_string(e.connection));
        endpoint = e.endpoint;
    }
    void operator()(const events::connected& e)
    {
        words_.push_back("connected " + std::to_string(e.connection) +
                         (e.resumed ? " resumed" : ""));
        connected = e;
    }
    void operator()(const events::connect_failed& e)
    {
        words_.push_back("failed " + std::to_string(e.connection) + " " +
                         std::string{to_string(e.phase)});
    }
    void operator()(const events::connection_acquired& e)
    {
        words_.push_back("acquired " + std::to_string(e.connection) + (e.reused ? " reused" : ""));
    }
    void operator()(const events::retried& e)
    {
        words_.push_back("retried after " + std::to_string(e.connection));
    }
    void operator()(const events::closed& e)
    {
        words_.push_back("closed " + std::to_string(e.connection) + " " +
                         std::string{to_string(e.reason)});
    }
    void operator()(const events::request_finished& e)
    {
        words_.push_back("done " + std::string{e.operation} + " " + std::to_string(e.status));
        done = e;
        done.operation = {};
    }

    std::string endpoint;
    events::connected connected;
    events::request_finished done;

private:
    std::vector<std::string> words_;
};

using words = std::vector<std::string>;

} // namespace

TEST_SUITE("events")
{
    TEST_CASE("events: the first and second request report connecting, acquiring and finishing")
    {
        journal recorded;
        sandbox_session session{{}, recorded.hook()};
        session.run(session.images.view_image(fixture::portrait));
        CHECK(recorded.take() ==
              words{"started 1", "connected 1", "acquired 1", "done view_image 200"});
        CHECK(recorded.endpoint == session.server.origin());
        CHECK(recorded.connected.connect > 0s);
        CHECK(recorded.connected.handshake > 0s);
        CHECK(recorded.done.attempts == 1);
        CHECK(recorded.done.sent == session.last_request().head.size());
        CHECK(recorded.done.received > 100);
        CHECK(recorded.done.time_to_header > 0s);
        CHECK(recorded.done.total >= recorded.done.time_to_header);

        CHECK_FALSE(session.attempt(session.images.view_image("7")).has_value());
        CHECK(recorded.take() == words{"acquired 1 reused", "done view_image 404"});
        CHECK_FALSE(recorded.done.code);
    }

    TEST_CASE("events: closed connections, replays and new connections are reported")
    {
        journal recorded;
        sandbox_session session{{}, recorded.hook()};
        session.run(session.images.view_image(fixture::portrait));
        recorded.take();

        session.server.close_idle();
        session.until([&] { return session.stats().idle == 0; });
        CHECK(recorded.take() == words{"closed 1 peer"});

        session.run(session.images.view_image(fixture::portrait));
        CHECK(recorded.take() ==
              words{"started 2", "connected 2 resumed", "acquired 2", "done view_image 200"});

        session.server.misbehave({.times = 1, .instead = ending::reset});
        session.run(session.images.view_image(fixture::portrait));
        const auto all = recorded.take();
        REQUIRE(all.size() == 7);
        CHECK(all[0] == "acquired 2 reused");
        CHECK(all[1] == "retried after 2");
        CHECK(all.back() == "done view_image 200");
        CHECK(recorded.done.attempts == 2);

        session.run(session.client.close(1s));
        CHECK(recorded.take() == words{"closed 3 shutdown"});
    }

    TEST_CASE("events: an upload reports the bytes sent")
    {
        journal recorded;
        sandbox_session session{{}, recorded.hook()};
        session.run(session.images.upload_temp_image(pattern_source{1'000'000}));
        const auto last = session.last_request();
        CHECK(recorded.done.sent > 1'000'000);
        CHECK(recorded.done.sent ==
              last.head.size() + std::stoull(std::string{*last.header("Content-Length")}));
        CHECK(recorded.done.status == 201);
    }

    TEST_CASE("events: a download is finished when its content is")
    {
        journal recorded;
        sandbox_session session{{}, recorded.hook()};
        session.server.store().add_image(
            {.id = "1", .content = cyclos::sandbox::content::synthetic(300'000)});
        auto content = session.run(session.images.get_image_content("1"));
        CHECK(recorded.take() == words{"started 1", "connected 1", "acquired 1"});
        session.run(content.read_all(300'000));
        CHECK(recorded.take() == words{"done get_image_content 200"});
        CHECK(recorded.done.received > 300'000);
        {
            auto dropped = session.run(session.images.get_image_content("1"));
        }
        session.until([&] { return session.stats().in_use == 0; });
        CHECK(recorded.take() ==
              words{"acquired 1 reused", "done get_image_content 200", "closed 1 broken"});
        CHECK(recorded.done.code == errc::cancelled);
    }

    TEST_CASE("events: an unreachable server is reported")
    {
        journal recorded;
        const reserved_port closed_port;
        cyclos::config settings{
            "https://127.0.0.1:" + std::to_string(closed_port.number()) + "/api", demo()};
        recorded.hook()(settings);
        client_session session{settings};
        CHECK_FALSE(session.attempt(session.images.view_image("1")).has_value());
        CHECK(recorded.take() == words{"started 1", "failed 1 connecting", "done view_image 0"});
        CHECK(recorded.done.code == asio::error::connection_refused);
        CHECK(recorded.done.attempts == 0);
    }
}

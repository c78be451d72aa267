//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Connections that end at the worst moments, under many requests.

#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <string>

namespace {

using namespace cyclos::test;

/// The moment at which the server ends the connection.
enum class moment {
    never,
    after_accept,
    idle,
    after_head,
    after_half_the_body,
    after_the_work,
    after_first_byte
};

/// A client that sends consecutive requests to a server that ends connections.
class stale_session : public sandbox_session
{
public:
    /// @param retries Whether retries are configured for requests that are not replayed.
    stale_session(bool tls, unsigned seed, bool retries)
        : sandbox_session({.tls = tls, .kept_requests = 1},
                          [=](cyclos::config& c) {
                              c.pool.min_connections = 1;
                              c.retry.max_retries = retries ? 1 : 0;
                              c.retry.base_delay = 0ms;
                              c.retry_budget = 1;
                          })
        , random_(seed)
        , retries_(retries)
    {}

    void request()
    {
        const auto planned = draw_moment();
        const bool upload = draw(0, 4) == 0;
        const std::uint64_t size = 1000 + count_++;
        arrange(planned, size);
        if (upload) {
            check_upload(planned, size);
        }
        else {
            check_view(planned);
        }
        server.clear_misbehaviours();
    }

    void check_store()
    {
        std::set<std::uint64_t> sizes;
        for (const auto& each : server.store().temp_images()) {
            CHECK(sizes.insert(each.content.size()).second); // otherwise it was stored twice
        }
        CHECK(sizes == stored_);
        CHECK(stats().in_use == 0);
        CHECK(stats().idle <= 1);
    }

private:
    unsigned draw(unsigned from, unsigned to)
    {
        return std::uniform_int_distribution<unsigned>{from, to}(random_);
    }

    moment draw_moment()
    {
        // Connections that end as soon as they are accepted make the pool pause, which takes time.
        if (draw(0, 99) == 0) {
            return moment::after_accept;
        }
        // The others need an idle connection that has carried a request.
        until([&] { return stats().idle == 1 || !warm_; });
        return warm_ ? static_cast<moment>(draw(2, 6)) : moment::never;
    }

    void arrange(moment planned, std::uint64_t size)
    {
        const auto end = static_cast<ending>(static_cast<unsigned>(ending::notify) + draw(0, 2));
        switch (planned) {
        case moment::never: break;
        case moment::after_accept: {
            server.misbehave_on_connect({.times = 1, .after_handshake = end});
            server.close_all();
            const auto opened = stats().opened;
            until([&] { return stats().opened > opened; });
            break; // the client may or may not have noticed its end before the request
        }
        case moment::idle: CHECK(server.close_idle(end) == 1); break;
        case moment::after_head:
            server.misbehave({.times = 1, .read_body = 0, .instead = end});
            break;
        case moment::after_half_the_body:
            server.misbehave({.times = 1, .read_body = size / 2, .instead = end});
            break;
        case moment::after_the_work:
            server.misbehave({.times = 1, .perform = true, .instead = end});
            break;
        case moment::after_first_byte:
            server.misbehave({.times = 1, .stop_after = 1, .stopped = end});
            break;
        }
    }

    /// A repeatable request succeeds, unless the server has begun to respond: then only with a
    /// configured retry.
    void check_view(moment planned)
    {
        const auto outcome = attempt(images.view_image(fixture::portrait));
        warm_ = outcome.has_value();
        if (planned == moment::after_first_byte && !retries_) {
            CHECK(failure_of(outcome) ==
                  failure{errc::connection_lost, phase::receiving, sent_state::complete});
        }
        else if (!outcome) {
            CHECK(failure_of(outcome) == failure{});
        }
    }

    /// An upload is never repeated once a part of it was sent, and the error states its progress.
    void check_upload(moment planned, std::uint64_t size)
    {
        const auto outcome = attempt(images.upload_temp_image(pattern_source{size}));
        warm_ = outcome.has_value();
        if (planned != moment::after_accept) {
            CHECK(outcome.has_value() == (planned == moment::never || planned == moment::idle));
        }
        if (!outcome) {
            CHECK(outcome.error().code() == errc::connection_lost);
            CHECK(outcome.error().sent() != sent_state::none);
            CHECK(outcome.error().attempts() == 1);
        }
        if (outcome || planned == moment::after_the_work || planned == moment::after_first_byte) {
            stored_.insert(size);
        }
    }

    std::mt19937 random_;
    bool retries_;
    bool warm_ = false;
    std::uint64_t count_ = 0;
    std::set<std::uint64_t> stored_;
};

} // namespace

TEST_SUITE("stale connections")
{
    void run_requests(bool retries)
    {
        for (const bool tls : {true, false}) {
            stale_session session{tls, tls ? 1U : 2U, retries};
            for (int i = 0; i < 5000; ++i) {
                session.request();
            }
            session.check_store();
        }
    }

    TEST_CASE("stale connections: of 10,000 requests no repeatable one fails, and nothing is "
              "stored twice")
    {
        run_requests(false);
    }

    TEST_CASE("stale connections: of 10,000 requests with one retry no view fails, and nothing is "
              "stored twice")
    {
        run_requests(true);
    }

    TEST_CASE("stale connections: a request on a reused connection sets no timer")
    {
        sandbox_session session;
        session.run(session.images.view_image(fixture::portrait));
        const auto before = session.stats();
        for (int i = 0; i < 1000; ++i) {
            session.run(session.images.view_image(fixture::portrait));
        }
        session.run(session.images.upload_temp_image(pattern_source{1'000'000}));
        const auto after = session.stats();
        CHECK(after.reused - before.reused == 1001);
        CHECK(before.timer_sets > 0);
        CHECK(after.timer_sets == before.timer_sets);
    }
}

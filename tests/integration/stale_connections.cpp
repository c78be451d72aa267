//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Connections that end at the worst moments, under many requests.

#include "integration/support/pattern_source.hpp"
#include "integration/support/sandbox_session.hpp"

#include <cyclos/images.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

namespace {

using namespace cyclos::test;
using cyclos::errc;
using cyclos::phase;
using cyclos::sent_state;
using cyclos::sandbox::ending;

/// When the server ends the connection.
enum class moment { never, idle, after_head, after_half_the_body, after_the_work, after_first_byte };

/// A client that sends one request after another to a server that ends connections.
class stale_session : public sandbox_session
{
public:
    explicit stale_session(bool tls, unsigned seed)
        : sandbox_session({.tls = tls, .kept_requests = 1})
        , random_(seed)
    {}

    void request()
    {
        const auto when = warm_ ? static_cast<moment>(draw(0, 5)) : moment::never;
        const bool upload = draw(0, 4) == 0;
        const std::uint64_t size = 1000 + count_++;
        arrange(when, size);
        if (upload) {
            check_upload(when, size);
        }
        else {
            check_view(when);
        }
        server.behave();
    }

    void check_store()
    {
        std::set<std::uint64_t> sizes;
        for (const auto& each : server.store().temp_images()) {
            CHECK(sizes.insert(each.content.size()).second); // or it was stored twice
        }
        CHECK(sizes == stored_);
        CHECK(stats().in_use == 0);
        CHECK(stats().idle <= 1);
    }

private:
    unsigned draw(unsigned from, unsigned to) { return std::uniform_int_distribution<unsigned>{from, to}(random_); }

    void arrange(moment when, std::uint64_t size)
    {
        const auto how = static_cast<ending>(static_cast<unsigned>(ending::notify) + draw(0, 2));
        switch (when) {
        case moment::never: break;
        case moment::idle: CHECK(server.close_idle(how) == 1); break;
        case moment::after_head: server.misbehave({.times = 1, .read_body = 0, .instead = how}); break;
        case moment::after_half_the_body: server.misbehave({.times = 1, .read_body = size / 2, .instead = how}); break;
        case moment::after_the_work: server.misbehave({.times = 1, .perform = true, .instead = how}); break;
        case moment::after_first_byte: server.misbehave({.times = 1, .stop_after = 1, .stopped = how}); break;
        }
    }

    /// What can be repeated is, unless the server has begun to answer.
    void check_view(moment when)
    {
        const auto outcome = attempt(images.view_image(fixture::portrait));
        warm_ = outcome.has_value();
        if (when == moment::after_first_byte) {
            CHECK(failure_of(outcome) == failure{errc::connection_lost, phase::receiving, sent_state::yes});
        }
        else if (!outcome) {
            CHECK(failure_of(outcome) == failure{});
        }
    }

    /// An upload is never repeated, and what became of it can be told from the error.
    void check_upload(moment when, std::uint64_t size)
    {
        const auto outcome = attempt(images.upload_temp_image(pattern_source{size}));
        warm_ = outcome.has_value();
        CHECK(outcome.has_value() == (when == moment::never || when == moment::idle));
        if (!outcome) {
            CHECK(outcome.error().code() == errc::connection_lost);
            CHECK(outcome.error().sent() != sent_state::no);
            CHECK(outcome.error().attempts() == 1);
        }
        if (outcome || when == moment::after_the_work || when == moment::after_first_byte) {
            stored_.insert(size);
        }
    }

    std::mt19937 random_;
    bool warm_ = false;
    std::uint64_t count_ = 0;
    std::set<std::uint64_t> stored_;
};

} // namespace

TEST_SUITE("connections that end at the worst moment")
{
    TEST_CASE("10,000 requests: what can be repeated does not fail, and nothing is stored twice")
    {
        for (const bool tls : {true, false}) {
            stale_session session{tls, tls ? 1U : 2U};
            for (int i = 0; i < 5000; ++i) {
                session.request();
            }
            session.check_store();
        }
    }

    TEST_CASE("a request on a warm connection costs no timer")
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
        CHECK(before.timers > 0);
        CHECK(after.timers == before.timers);
    }
}

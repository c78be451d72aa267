//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The rules for pools with a shared quota, and for uploads of contents that hold connections.

#include "unit/support/pool_events.hpp"

#include <cyclos/detail/net/connection_quota.hpp>
#include <cyclos/detail/net/pool_core.hpp>
#include <cyclos/detail/net/pool_sharing.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace cyclos::test;
using cyclos::net::connection_quota;
using cyclos::net::pool_sharing;
using cyclos::net::purpose;

/** Copies of images within one client: each reads a content, and uploads it over another connection
    of the same pools. A content may lose its connection, before or during its upload, and is
    resumed over another one. Some uploads have to wait for a login. There are only these copies and
    some other requests, so if no connection is being opened, no request runs that ends by itself,
    and no pool has a pending request of another, everything is stuck.
*/
class copies
{
public:
    copies(unsigned seed, std::size_t pools, std::size_t connections, bool break_off)
        : random_(seed)
        , quota_(std::make_shared<connection_quota>(connections))
        , break_off_(break_off)
    {
        for (std::size_t n = 0; n < pools; ++n) {
            sides_.emplace_back(limits(connections), quota_);
        }
    }

    /// Runs this many copies, and other requests in between. False: everything is stuck.
    bool run(unsigned count)
    {
        unsigned begun = 0;
        while (done_ < count) {
            if (begun < count && (draw(3) == 0 || !goes_on())) {
                request(purpose::content, ++begun);
            }
            else if (draw(8) == 0) {
                request(purpose::exchange, 0);
            }
            else if (!step()) {
                return false;
            }
            most_open_ = std::max(most_open_, open());
        }
        return true;
    }

    std::size_t most_open() const { return most_open_; }
    std::size_t most_contents() const { return most_contents_; }
    unsigned resumed() const { return resumed_; }

private:
    struct side
    {
        side(const cyclos::pool_config& config, const std::shared_ptr<connection_quota>& quota)
            : p(config, quota)
            , sharing(quota, p.core.number())
        {}

        pool p;
        pool_sharing sharing;
        std::set<pool_core::slot> connecting;
    };

    using place = std::pair<side*, pool_core::slot>;
    using sharing_request = pool_sharing::request;

    struct running
    {
        purpose intent = purpose::exchange;
        unsigned copy = 0; // 0: no copy
    };

    unsigned draw(unsigned below) { return static_cast<unsigned>(random_() % below); }

    template <class Container>
    auto pick(Container& from)
    {
        return std::next(from.begin(), draw(static_cast<unsigned>(from.size())));
    }

    std::size_t open() const
    {
        std::size_t all = 0;
        for (const side& each : sides_) {
            const auto& s = each.p.core.stats();
            all += s.connecting + s.idle + s.in_use;
        }
        return all;
    }

    std::vector<side*> opening()
    {
        std::vector<side*> all;
        for (side& each : sides_) {
            if (!each.connecting.empty()) {
                all.push_back(&each);
            }
        }
        return all;
    }

    bool goes_on() { return !ending_.empty() || !asked_.empty() || !opening().empty(); }

    void request(purpose intent, unsigned copy)
    {
        side& owner = *pick(sides_);
        const unsigned name = ++last_;
        owner.p.now = start + std::chrono::milliseconds{name};
        requests_[name] = {intent, copy};
        owner.p.core.acquire(owner.p.waiter(name), never, owner.p.now, intent);
        act(owner);
    }

    /// Lets one pending event happen. False: there is none.
    bool step()
    {
        if (!asked_.empty() && draw(2) == 0) {
            return do_request();
        }
        const auto all = opening();
        if (!all.empty() && (ending_.empty() || draw(2) == 0)) {
            side& owner = **pick(all);
            const auto slot = *owner.connecting.begin();
            owner.connecting.erase(owner.connecting.begin());
            owner.p.core.connected(slot, owner.p.now);
            act(owner);
            return true;
        }
        if (ending_.empty()) {
            return !asked_.empty() && do_request();
        }
        const auto position = pick(ending_);
        const auto [name, at] = *position;
        const running current = requests_[name];
        if (current.intent == purpose::upload && break_off_ && draw(4) == 0) {
            uploading_.emplace(current.copy, *position); // continues with its content
            ending_.erase(position);
            lose(current.copy);
            return true;
        }
        ending_.erase(position);
        release(at, draw(4) > 0);
        if (current.intent == purpose::login) {
            request(purpose::upload, current.copy);
        }
        else if (current.intent == purpose::upload) {
            const place held = contents_.at(current.copy);
            contents_.erase(current.copy);
            release(held, draw(4) > 0);
            ++done_;
        }
        return true;
    }

    /// The content of a copy loses its connection.
    void lose(unsigned copy)
    {
        const place held = contents_.at(copy);
        contents_.erase(copy);
        release(held, false);
        resuming_.emplace(copy, quota_);
        request(purpose::resume, copy);
    }

    void has_content(unsigned copy)
    {
        if (resuming_.erase(copy) > 0) {
            ++resumed_;
        }
        if (const auto upload = uploading_.find(copy); upload != uploading_.end()) {
            ending_.insert(upload->second);
            uploading_.erase(upload);
        }
        else if (break_off_ && draw(4) == 0) {
            lose(copy);
        }
        else {
            request(draw(3) == 0 ? purpose::login : purpose::upload, copy);
        }
    }

    void release(place at, bool reusable)
    {
        at.first->p.core.released(at.second, reusable, std::nullopt, at.first->p.now);
        act(*at.first);
    }

    bool do_request()
    {
        const auto position = pick(asked_);
        const auto [target, requested] = *position;
        asked_.erase(position);
        if (requested == sharing_request::check_places) {
            target->p.core.place_may_be_free(target->p.now);
        }
        else {
            target->p.core.release_place(target->p.now);
        }
        act(*target);
        return true;
    }

    /// The sharing logic of a pool after each event.
    void act(side& owner)
    {
        std::vector<pool_core::action> list;
        owner.p.core.take_actions(list);
        std::vector<unsigned> read;
        for (const auto& action : list) {
            if (action.type == action_kind::open) {
                owner.connecting.insert(action.slot);
            }
            else if (action.type == action_kind::grant) {
                const unsigned name = static_cast<const named_waiter*>(action.waiter)->name;
                const place at{&owner, action.slot};
                if (cyclos::net::holds_content(requests_[name].intent)) {
                    contents_[requests_[name].copy] = at;
                    read.push_back(requests_[name].copy);
                }
                else {
                    ending_[name] = at;
                }
            }
            else {
                CHECK(action.type == action_kind::close);
            }
        }
        most_contents_ = std::max(most_contents_, contents_.size() + resuming_.size());
        share(owner);
        for (const unsigned copy : read) {
            has_content(copy);
        }
    }

    void share(side& owner)
    {
        if (!owner.sharing.publish(owner.p.core)) {
            return;
        }
        if (const sharing_request own = owner.sharing.needed(); own != sharing_request::none) {
            return asked_.emplace_back(&owner, own), void();
        }
        bool has_asked = false;
        for (side& other : sides_) {
            const sharing_request requested =
                &other != &owner ? other.sharing.needed() : sharing_request::none;
            if (requested == sharing_request::check_places ||
                (requested == sharing_request::release_place && !std::exchange(has_asked, true))) {
                asked_.emplace_back(&other, requested);
            }
        }
    }

    std::mt19937 random_;
    std::shared_ptr<connection_quota> quota_;
    bool break_off_;
    std::deque<side> sides_;
    std::deque<std::pair<side*, sharing_request>> asked_;
    std::map<unsigned, running> requests_;
    std::map<unsigned, place> ending_;   // requests that end by themselves
    std::map<unsigned, place> contents_; // contents that hold a connection, by copy
    std::map<unsigned, cyclos::net::resumed_content> resuming_; // by copy
    std::map<unsigned, std::pair<const unsigned, place>>
        uploading_; // by copy: uploads that wait for their content
    unsigned last_ = 0;
    unsigned done_ = 0;
    unsigned resumed_ = 0;
    std::size_t most_open_ = 0;
    std::size_t most_contents_ = 0;
};

/// The sharing logic of a pool after each event.
void publish(const pool& source, connection_quota& quota)
{
    quota.set_blocked_since(source.core.number(), source.core.is_blocked()
                                                      ? source.core.blocked_since()
                                                      : connection_quota::never);
}

} // namespace

TEST_SUITE("pool_core, shared quota")
{
    TEST_CASE("pool_core, shared quota: the pools together open no more connections than the "
              "quota, and each pool may use all of it")
    {
        const auto quota = std::make_shared<connection_quota>(2);
        pool a{limits(2), quota};
        pool b{limits(2), quota};
        CHECK(a.acquire(1) == "open 0");
        CHECK(a.acquire(2) == "open 1");
        CHECK(b.acquire(3) == "");
        CHECK(b.core.is_blocked());
    }

    TEST_CASE("pool_core, shared quota: a blocked pool gets the place of a connection that another "
              "pool does not need")
    {
        const auto quota = std::make_shared<connection_quota>(1);
        pool a{limits(1), quota};
        pool b{limits(1), quota};
        a.acquire(1);
        a.connected(0);
        SUBCASE("the connection is released")
        {
            b.acquire(2);
            REQUIRE(b.core.is_blocked());
            publish(b, *quota);
            CHECK(a.released(0) == "close 0: replaced");
        }
        SUBCASE("the connection is idle")
        {
            CHECK(a.released(0) == "");
            b.acquire(2);
            REQUIRE(b.core.is_blocked());
            CHECK(a.release_place() == ""); // until the blocked pool is known
            publish(b, *quota);
            CHECK(a.release_place() == "close 0: replaced");
            CHECK(a.release_place() == "");
        }
        CHECK(b.place_may_be_free() == "open 0");
        CHECK_FALSE(b.core.is_blocked());
        CHECK(b.connected(0) == "grant 0 to 2");
    }

    TEST_CASE("pool_core, shared quota: max_pending_acquires applies to the waiters of all pools "
              "together")
    {
        const auto quota = std::make_shared<connection_quota>(1);
        auto few = limits(1);
        few.max_pending_acquires = 2;
        pool a{few, quota};
        pool b{few, quota};
        CHECK(a.acquire(1) == "open 0"); // does not wait
        CHECK(b.acquire(2) == "");
        CHECK(b.acquire(3) == ""); // both waiters may be in one pool
        CHECK(a.acquire(4) == "fail 4: queue_full");
        CHECK(b.acquire(5) == "fail 5: queue_full");
        b.abandon(3);
        CHECK(a.acquire(6) == "");
        CHECK(b.acquire(7) == "fail 7: queue_full");
        CHECK(a.connected(0) == "grant 0 to 1");
        CHECK(a.released(0) == "grant 0 to 6");
        CHECK(b.acquire(8) == "");
    }

    TEST_CASE(
        "pool_core, shared quota: a blocked pool takes precedence over min_connections of another")
    {
        const auto quota = std::make_shared<connection_quota>(1);
        auto some = limits(1);
        some.min_connections = 1;
        pool a{some, quota};
        const std::size_t other = quota->join();
        quota->set_blocked_since(other, start);
        CHECK(a.begin() == "");
        CHECK(a.pass(5s) == "");
        quota->set_blocked_since(other, connection_quota::never);
        CHECK(a.pass(1s) == "open 0"); // although it is not notified
    }

    TEST_CASE("pool_core, shared quota: min_connections is restored once the other pool no longer "
              "needs the place")
    {
        const auto quota = std::make_shared<connection_quota>(1);
        auto some = limits(1);
        some.min_connections = 1;
        pool a{some, quota};
        pool b{limits(1), quota};
        CHECK(a.begin() == "open 0");
        CHECK(a.connected(0) == "");
        CHECK(b.acquire(1) == "");
        publish(b, *quota);
        CHECK(a.release_place() == "close 0: replaced");
        CHECK(b.place_may_be_free() == "open 0");
        publish(b, *quota);
        CHECK(b.connected(0) == "grant 0 to 1");
        CHECK(a.pass(5s) == ""); // the place is in use
        CHECK(b.released(0, false) == "close 0: broken");
        CHECK(a.pass(1s) == "open 0"); // although it is not notified
    }

    TEST_CASE("pool_core, shared quota: a free place is reserved for another pool that waits "
              "longer, although this pool opened for an earlier waiter")
    {
        const auto quota = std::make_shared<connection_quota>(2);
        pool a{limits(2), quota};
        pool b{limits(2), quota};
        REQUIRE(quota->try_take());
        CHECK(a.acquire(1) == "open 0");
        b.now += 5ms;
        CHECK(b.acquire(2) == "");
        publish(b, *quota);
        a.now += 10ms;
        CHECK(a.acquire(3) == "");
        publish(a, *quota);
        quota->release();
        CHECK(a.place_may_be_free() == "");
        CHECK(b.place_may_be_free() == "open 0");
    }

    TEST_CASE("pool_core, shared quota: no connection is given up while another one fails to open "
              "and requests wait")
    {
        const auto quota = std::make_shared<connection_quota>(2);
        pool a{limits(2), quota};
        const std::size_t other = quota->join();
        CHECK(a.acquire(1) == "open 0");
        a.connected(0);
        CHECK(a.acquire(2) == "open 1");
        CHECK(a.acquire(3) == "");
        CHECK(a.connect_failed(1) == "");
        REQUIRE(quota->try_take());
        quota->set_blocked_since(other, start - 1s);
        CHECK(a.released(0) == "grant 0 to 2");
        CHECK(a.released(0) ==
              "close 0: replaced"); // and 3 is not rejected: the server has responded meanwhile
        CHECK(a.now_holds() == "0 0 0 1");
    }

    TEST_CASE("pool_core, shared quota: a companion connection that is opened for one request does "
              "not satisfy another")
    {
        const auto quota = std::make_shared<connection_quota>(1);
        pool a{limits(1), quota};
        pool b{limits(1), quota};
        CHECK(b.acquire(1, purpose::content) == "open 0");
        b.connected(0);
        CHECK(a.acquire(2, purpose::upload) == "open 0");
        CHECK(a.acquire(3) == "");
        CHECK(a.core.is_blocked());
        publish(a, *quota);
        CHECK(b.released(0) == "close 0: replaced");
        CHECK(a.place_may_be_free() == "open 1");
    }

    TEST_CASE("pool_core, shared quota: a companion connection without a waiter does not take a "
              "place reserved for another pool")
    {
        const auto quota = std::make_shared<connection_quota>(1);
        pool a{limits(1), quota};
        pool b{limits(1), quota};
        CHECK(a.acquire(1, purpose::content) == "open 0");
        a.connected(0);
        CHECK(a.acquire(2, purpose::upload) == "open 1");
        a.abandon(2);
        CHECK(b.acquire(3) == "");
        publish(b, *quota);
        a.now += 1ms;
        CHECK(a.acquire(4) == "");
        CHECK(a.released(0, false) == "close 0: broken");
        CHECK(a.connected(1) == "close 1: replaced");
        CHECK(b.place_may_be_free() == "open 0");
    }

    TEST_CASE("pool_core, shared quota: a pool with waiters does not give up an idle connection")
    {
        const auto quota = std::make_shared<connection_quota>(1);
        pool a{limits(1), quota};
        a.acquire(1);
        a.connected(0);
        a.acquire(2);
        quota->set_blocked_since(quota->join(), start - 1s);
        CHECK(a.release_place() == "");
    }

    TEST_CASE("pool_core, shared quota: the request that has waited longest in any pool is next")
    {
        const auto quota = std::make_shared<connection_quota>(1);
        pool a{limits(1), quota};
        pool b{limits(1), quota};
        a.acquire(1);
        a.connected(0);
        CHECK(a.acquire(2) == "");
        b.now += 1ms;
        CHECK(b.acquire(3) == "");
        publish(b, *quota);
        a.now += 400ms;
        CHECK(a.acquire(4) == "");
        a.now += 102ms;
        CHECK(a.acquire(5) == "");
        CHECK(a.released(0) == "grant 0 to 2");
        CHECK(a.released(0) ==
              "grant 0 to 4"); // opening another connection costs more than the difference
        CHECK(a.released(0) == "close 0: replaced"); // and no connection is opened for 5
        CHECK(a.core.is_blocked());
        publish(a, *quota);
        SUBCASE("it takes the place")
        {
            CHECK(a.place_may_be_free() == "");
            CHECK(b.place_may_be_free() == "open 0");
            publish(b, *quota);
            CHECK(b.connected(0) == "grant 0 to 3");
            CHECK(b.released(0) == "close 0: replaced");
            CHECK(a.place_may_be_free() == "open 0");
        }
        SUBCASE("it is abandoned")
        {
            b.abandon(3);
            publish(b, *quota);
            CHECK(a.place_may_be_free() == "open 0");
        }
    }

    TEST_CASE("pool_core, shared quota: a place reserved for another pool does not prevent closing "
              "an idle connection for a fresh one")
    {
        const auto quota = std::make_shared<connection_quota>(2);
        pool a{limits(2), quota};
        const std::size_t other = quota->join();
        a.acquire(1);
        a.connected(0);
        a.released(0);
        quota->set_blocked_since(other, start - 1s);
        CHECK(a.acquire_fresh(2) == "close 0: replaced, open 0"); // and not the free place
        CHECK(quota->has_free_place());
    }
}

TEST_SUITE("pool_core, uploads of contents")
{
    TEST_CASE("pool_core, uploads of contents: an upload gets a companion connection if contents "
              "hold all connections")
    {
        pool p{limits(1)};
        p.acquire(1, purpose::content);
        p.connected(0);
        CHECK(p.acquire(2, purpose::upload) == "open 1");
        CHECK(p.connected(1) == "grant 1 to 2");
        // There are at most as many as contents,
        CHECK(p.acquire(3, purpose::upload) == "");
        // and other requests get none.
        CHECK(p.acquire(4) == "");
        CHECK(p.released(1) == "grant 1 to 3");
        CHECK(p.released(1) == "close 1: replaced");
        CHECK(p.released(0) == "grant 0 to 4");
        CHECK(p.acquire(5, purpose::upload) == "");
        CHECK(p.released(0) == "grant 0 to 5");
    }

    TEST_CASE(
        "pool_core, uploads of contents: a connection for min_connections takes no companion place")
    {
        const auto quota = std::make_shared<connection_quota>(2);
        pool other{limits(2), quota};
        other.acquire(1, purpose::content);
        other.connected(0);
        auto least = limits(2);
        least.min_connections = 2;
        pool p{least, quota};
        CHECK(p.acquire(2, purpose::upload) == "open 0");
        CHECK(quota->has_free_companion());
    }

    TEST_CASE("pool_core, uploads of contents: a resumed content gets a companion connection, so "
              "that its upload can end")
    {
        const auto quota = std::make_shared<connection_quota>(1);
        pool p{limits(1), quota};
        p.acquire(1, purpose::content);
        p.connected(0);
        p.acquire(2, purpose::upload);
        CHECK(p.connected(1) == "grant 1 to 2");
        CHECK(p.acquire(3, purpose::content) == "");
        CHECK(p.released(0, false) == "close 0: broken, open 0");
        CHECK(p.connected(0) == "grant 0 to 3");
        {
            const cyclos::net::resumed_content first{quota};
            CHECK(p.acquire(4, purpose::resume) == "open 2");
            CHECK(p.connected(2) == "grant 2 to 4");
        }
        CHECK(p.acquire(5, purpose::upload) == ""); // there are two contents, and two companions
        CHECK(p.released(1) == "grant 1 to 5");
        CHECK(p.released(2) == "close 2: replaced");
    }

    TEST_CASE("pool_core, uploads of contents: a login for an upload gets a companion connection, "
              "and grants none itself")
    {
        pool p{limits(1)};
        p.acquire(1, purpose::content);
        p.connected(0);
        CHECK(p.acquire(2, purpose::login) == "open 1");
        CHECK(p.connected(1) == "grant 1 to 2");
        CHECK(p.acquire(3, purpose::upload) == "");
        CHECK(p.released(1) == "grant 1 to 3");
    }

    TEST_CASE("pool_core, uploads of contents: a companion connection that is being opened serves "
              "no other request, and a used one is not fresh")
    {
        const auto quota = std::make_shared<connection_quota>(1);
        pool p{limits(1), quota};
        p.acquire(1, purpose::content);
        p.connected(0);
        CHECK(p.acquire(2, purpose::upload) == "open 1");
        p.abandon(2);
        CHECK(p.acquire(3) == "");
        CHECK(p.core.is_blocked());
        p.abandon(3);

        CHECK(p.acquire(4, purpose::upload) == "");
        CHECK(p.connected(1) == "grant 1 to 4");
        CHECK(p.acquire_fresh(5, purpose::upload) == "");
        CHECK(p.released(1) == "close 1: replaced, open 1");
        CHECK(p.connected(1) == "grant 1 to 5");
    }

    TEST_CASE("pool_core, uploads of contents: a companion becomes a regular connection once there "
              "is room")
    {
        pool p{limits(1)};
        p.acquire(1, purpose::content);
        p.connected(0);
        p.acquire(2, purpose::upload);
        p.connected(1);
        CHECK(p.released(0, false) == "close 0: broken");
        CHECK(p.released(1) == "");
        CHECK(p.now_holds() == "0 1 0 0");
        CHECK(p.acquire(3) == "grant 1 to 3");
    }

    TEST_CASE("pool_core, uploads of contents: a companion that opens without a waiter is closed, "
              "or kept if there is room")
    {
        for (const bool room : {false, true}) {
            pool p{limits(1)};
            p.acquire(1, purpose::content);
            p.connected(0);
            CHECK(p.acquire(2, purpose::upload) == "open 1");
            p.abandon(2);
            if (room) {
                p.released(0, false);
            }
            CHECK(p.connected(1) == (room ? "" : "close 1: replaced"));
        }
    }

    TEST_CASE(
        "pool_core, uploads of contents: copies within one client finish for every order of events")
    {
        unsigned resumed = 0;
        for (unsigned seed = 1; seed <= 60; ++seed) {
            for (const std::size_t connections : {1U, 2U, 3U, 16U}) {
                for (const std::size_t pools : {1U, 2U, 4U}) {
                    for (const bool break_off : {false, true}) {
                        CAPTURE(seed);
                        CAPTURE(connections);
                        CAPTURE(pools);
                        CAPTURE(break_off);
                        copies all{seed, pools, connections, break_off};
                        CHECK(all.run(64));
                        CHECK(all.most_open() <=
                              connections + (break_off ? all.most_contents() : connections));
                        resumed += all.resumed();
                    }
                }
            }
        }
        CHECK(resumed > 1000); // otherwise no content loses its connection
    }
}

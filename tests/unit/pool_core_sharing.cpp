//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The rules for pools that share a quota, and for uploads that read from contents which hold connections.

#include "unit/support/pool_events.hpp"

#include <cyclos/net/connection_quota.hpp>
#include <cyclos/net/pool_core.hpp>

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
using cyclos::net::purpose;

/** Copies of images within one client: each reads a content, and uploads it over another connection of the same pools.

    Nothing but these copies and some other requests goes on, so if no connection is being opened, and no request runs
    that ends by itself, all of it is stuck.
*/
class copies
{
public:
    copies(unsigned seed, std::size_t pools, std::size_t connections)
        : random_(seed)
        , quota_(std::make_shared<connection_quota>(connections))
    {
        for (std::size_t n = 0; n < pools; ++n) {
            sides_.emplace_back(limits(connections), quota_);
        }
    }

    /// Runs so many of them, and other requests in between. False: it is stuck.
    bool run(unsigned count)
    {
        unsigned begun = 0;
        while (done_ < count) {
            if (begun < count && (draw(3) == 0 || idle_hands())) {
                request(purpose::content);
                ++begun;
            }
            else if (draw(8) == 0) {
                request(purpose::exchange);
            }
            else if (!step()) {
                return false;
            }
            share();
            most_open_ = std::max(most_open_, open());
        }
        return true;
    }

    std::size_t most_open() const { return most_open_; }

private:
    struct side
    {
        side(const cyclos::pool_config& config, std::shared_ptr<connection_quota> quota)
            : p(config, std::move(quota))
        {}

        pool p;
        std::set<pool_core::slot> connecting;
    };

    using place = std::pair<side*, pool_core::slot>;

    struct running
    {
        purpose what = purpose::exchange;
        side* where = nullptr;
        unsigned content = 0; // of an upload: the request for what it reads
    };

    unsigned draw(unsigned below) { return static_cast<unsigned>(random_() % below); }

    side& any_side() { return sides_[draw(static_cast<unsigned>(sides_.size()))]; }

    std::size_t open() const
    {
        std::size_t all = 0;
        for (const side& each : sides_) {
            const auto& s = each.p.core.stats();
            all += s.connecting + s.idle + s.in_use;
        }
        return all;
    }

    bool idle_hands() const
    {
        for (const side& each : sides_) {
            if (!each.connecting.empty()) {
                return false;
            }
        }
        return ending_.empty();
    }

    void request(purpose what, unsigned content = 0)
    {
        side& where = any_side();
        const unsigned name = ++last_;
        requests_[name] = {what, &where, content};
        where.p.core.acquire(where.p.waiter(name), never, where.p.now, what);
        carry_out(where);
    }

    /// Something that goes on ends. False: nothing does.
    bool step()
    {
        std::vector<side*> opening;
        for (side& each : sides_) {
            if (!each.connecting.empty()) {
                opening.push_back(&each);
            }
        }
        if (!opening.empty() && (ending_.empty() || draw(2) == 0)) {
            side& where = *opening[draw(static_cast<unsigned>(opening.size()))];
            const auto slot = *where.connecting.begin();
            where.connecting.erase(where.connecting.begin());
            where.p.core.connected(slot, where.p.now);
            carry_out(where);
            return true;
        }
        if (ending_.empty()) {
            return false;
        }
        const auto which = std::next(ending_.begin(), draw(static_cast<unsigned>(ending_.size())));
        const auto [name, at] = *which;
        ending_.erase(which);
        const unsigned content = requests_[name].content;
        release(at);
        if (content != 0) {
            const place held = contents_.at(content);
            contents_.erase(content);
            release(held);
            ++done_;
        }
        return true;
    }

    void release(place at)
    {
        at.first->p.core.released(at.second, draw(4) > 0, std::nullopt, at.first->p.now);
        carry_out(*at.first);
    }

    void carry_out(side& where)
    {
        std::vector<pool_core::action> list;
        where.p.core.take_actions(list);
        std::vector<unsigned> read;
        for (const auto& action : list) {
            if (action.what == action_kind::open) {
                where.connecting.insert(action.slot);
            }
            else if (action.what == action_kind::lend) {
                const unsigned name = static_cast<const named_waiter*>(action.waiter)->name;
                const place at{&where, action.slot};
                if (requests_[name].what == purpose::content) {
                    contents_[name] = at;
                    read.push_back(name);
                }
                else {
                    ending_[name] = at;
                }
            }
            else {
                CHECK(action.what == action_kind::close);
            }
        }
        for (const unsigned name : read) {
            request(purpose::upload, name);
        }
    }

    /// What the pools tell each other.
    void share()
    {
        for (bool changed = true; changed;) {
            changed = false;
            for (side& hungry : sides_) {
                const auto before = hungry.p.core.stats().connecting;
                count(hungry);
                if (!hungry.p.core.starves()) {
                    continue;
                }
                for (side& other : sides_) {
                    if (other.p.core.stats().idle > 0) {
                        other.p.core.yield();
                        carry_out(other);
                    }
                }
                hungry.p.core.room_may_be_free(hungry.p.now);
                carry_out(hungry);
                changed = changed || hungry.p.core.stats().connecting > before;
                count(hungry);
            }
        }
    }

    void count(side& which)
    {
        if (which.p.core.starves() && starving_.insert(&which).second) {
            quota_->starving_begins();
        }
        else if (!which.p.core.starves() && starving_.erase(&which) > 0) {
            quota_->starving_ends();
        }
    }

    std::mt19937 random_;
    std::shared_ptr<connection_quota> quota_;
    std::deque<side> sides_;
    std::set<side*> starving_;
    std::map<unsigned, running> requests_;
    std::map<unsigned, place> ending_;   // requests that end by themselves
    std::map<unsigned, place> contents_; // that are being held
    unsigned last_ = 0;
    unsigned done_ = 0;
    std::size_t most_open_ = 0;
};

} // namespace

TEST_SUITE("pool_core: pools that share a quota")
{
    TEST_CASE("have no more connections together than it has places, and each may have all of them")
    {
        const auto quota = std::make_shared<connection_quota>(2);
        pool a{limits(2), quota};
        pool b{limits(2), quota};
        CHECK(a.acquire(1) == "open 0");
        CHECK(a.acquire(2) == "open 1");
        CHECK(b.acquire(3) == "");
        CHECK(b.core.starves());
    }

    TEST_CASE("one that starves gets the place of a connection that another does not need")
    {
        const auto quota = std::make_shared<connection_quota>(1);
        pool a{limits(1), quota};
        pool b{limits(1), quota};
        a.acquire(1);
        a.connected(0);
        SUBCASE("because it comes back meanwhile")
        {
            b.acquire(2);
            REQUIRE(b.core.starves());
            quota->starving_begins();
            CHECK(a.released(0) == "close 0: replaced");
        }
        SUBCASE("because it is idle")
        {
            CHECK(a.released(0) == "");
            b.acquire(2);
            REQUIRE(b.core.starves());
            CHECK(a.yield() == "close 0: replaced");
        }
        CHECK(b.room_may_be_free() == "open 0");
        CHECK_FALSE(b.core.starves());
        CHECK(b.connected(0) == "lend 0 to 2");
    }

    TEST_CASE("one that has waiters of its own gives nothing away")
    {
        const auto quota = std::make_shared<connection_quota>(1);
        pool a{limits(1), quota};
        a.acquire(1);
        a.connected(0);
        a.acquire(2);
        quota->starving_begins();
        CHECK(a.yield() == "");
        CHECK(a.released(0) == "lend 0 to 2");
    }
}

TEST_SUITE("pool_core: uploads of contents")
{
    TEST_CASE("an upload has a companion connection, where contents hold connections and there is no other")
    {
        pool p{limits(1)};
        p.acquire(1, purpose::content);
        p.connected(0);
        CHECK(p.acquire(2, purpose::upload) == "open 1");
        CHECK(p.connected(1) == "lend 1 to 2");
        // There are no more of them than contents,
        CHECK(p.acquire(3, purpose::upload) == "");
        // and others have none.
        CHECK(p.acquire(4) == "");
        CHECK(p.released(1) == "lend 1 to 3");
        CHECK(p.released(1) == "close 1: replaced");
        CHECK(p.released(0) == "lend 0 to 4");
        CHECK(p.acquire(5, purpose::upload) == "");
        CHECK(p.released(0) == "lend 0 to 5");
    }

    TEST_CASE("a companion becomes a regular connection as soon as there is room")
    {
        pool p{limits(1)};
        p.acquire(1, purpose::content);
        p.connected(0);
        p.acquire(2, purpose::upload);
        p.connected(1);
        CHECK(p.released(0, false) == "close 0: broken");
        CHECK(p.released(1) == "");
        CHECK(p.now_holds() == "0 1 0 0");
        CHECK(p.acquire(3) == "lend 1 to 3");
    }

    TEST_CASE("one that nobody waits for when it is open is closed, or kept if there is room")
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

    TEST_CASE("whatever the order, copies within one client come to their end")
    {
        for (unsigned seed = 1; seed <= 60; ++seed) {
            for (const std::size_t connections : {1U, 2U, 3U, 16U}) {
                for (const std::size_t pools : {1U, 2U, 4U}) {
                    CAPTURE(seed);
                    CAPTURE(connections);
                    CAPTURE(pools);
                    copies all{seed, pools, connections};
                    CHECK(all.run(64));
                    CHECK(all.most_open() <= 2 * connections);
                }
            }
        }
    }
}

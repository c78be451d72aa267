//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/http/exchange_machine.hpp>

#include <boost/asio/error.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <optional>

namespace {

using namespace std::chrono_literals;
using cyclos::errc;
using cyclos::retry_config;
using cyclos::sent_state;
using cyclos::http::retry_budget;
using cyclos::http::detail::exchange_machine;
using cyclos::http::detail::failed_attempt;
using cyclos::http::detail::next_step;
using cyclos::http::detail::repeatability;

constexpr std::optional<exchange_machine::time_point> no_pause = {};

/// An exchange machine with the objects that it refers to.
class exchange
{
public:
    explicit exchange(repeatability request, unsigned max_retries = 1,
                      exchange_machine::time_point end = exchange_machine::time_point::max())
        : machine(config_of(max_retries), budget, request, end)
    {}

    /// The next step after an error of an exchange that was neither confirmed nor failed fast.
    next_step after_error(cyclos::error_code failure, sent_state sent)
    {
        return machine.on_error(failure, sent, no_pause, false);
    }

private:
    const retry_config& config_of(unsigned max_retries)
    {
        config.max_retries = max_retries;
        return config;
    }

public:
    retry_config config;
    retry_budget budget{0};
    exchange_machine machine;
};

/// An attempt on a stale connection.
failed_attempt stale(sent_state sent)
{
    return {.sent = sent,
            .connection_used_before = true,
            .no_bytes_received = true,
            .closed_by_peer = true};
}

} // namespace

TEST_SUITE("exchange_machine, replays")
{
    TEST_CASE("exchange_machine, replays: a stale connection is replaced if nothing was sent, or "
              "if the request is repeatable")
    {
        using enum sent_state;
        for (const auto sent : {none, partial, complete}) {
            CAPTURE(cyclos::to_string(sent));
            exchange get{repeatability::always};
            CHECK_FALSE(get.machine.needs_new_connection());
            CHECK(get.machine.on_failed_attempt(stale(sent)) == next_step::replay);
            CHECK(get.machine.needs_new_connection());

            // A configured retry is not a replay: it has a limit and a budget.
            for (const auto request : {repeatability::if_not_sent, repeatability::if_configured}) {
                exchange upload{request};
                const auto expected = sent == none ? next_step::replay : next_step::finish;
                CHECK(upload.machine.on_failed_attempt(stale(sent)) == expected);
                CHECK(upload.machine.needs_new_connection() == (sent == none));
            }
        }
    }

    TEST_CASE("exchange_machine, replays: a failure other than a stale connection is not replayed")
    {
        failed_attempt on_new_connection = stale(sent_state::none);
        on_new_connection.connection_used_before = false;
        failed_attempt with_bytes = stale(sent_state::none);
        with_bytes.no_bytes_received = false;
        failed_attempt after_deadline = stale(sent_state::none);
        after_deadline.closed_by_peer = false;
        for (const auto& attempt : {on_new_connection, with_bytes, after_deadline}) {
            exchange get{repeatability::always};
            CHECK(get.machine.on_failed_attempt(attempt) == next_step::finish);
            CHECK_FALSE(get.machine.needs_new_connection());
        }
    }

    TEST_CASE("exchange_machine, replays: a replay needs neither retries nor a budget")
    {
        exchange get{repeatability::always, 0};
        for (int n = 0; n < 5; ++n) {
            CHECK(get.machine.on_failed_attempt(stale(sent_state::complete)) == next_step::replay);
        }
    }

    TEST_CASE("exchange_machine, replays: a rejected expectation is replayed without Expect, over "
              "any connection")
    {
        exchange upload{repeatability::if_not_sent, 0};
        CHECK(upload.machine.on_expectation_failed() == next_step::replay_without_expect);
        CHECK_FALSE(upload.machine.needs_new_connection());
    }

    TEST_CASE("exchange_machine, replays: the request fails with the third consecutive new "
              "connection that is dead before use")
    {
        exchange get{repeatability::always};
        CHECK(get.machine.on_dead_connection(false) == next_step::acquire);
        for (int n = 0; n < 10; ++n) { // any number of idle ones may have been closed
            CHECK(get.machine.on_dead_connection(true) == next_step::acquire);
        }
        CHECK(get.machine.on_dead_connection(false) == next_step::acquire);
        CHECK(get.machine.on_dead_connection(false) == next_step::finish);

        get.machine.on_retry(); // restarts the count
        CHECK(get.machine.on_dead_connection(false) == next_step::acquire);
        CHECK(get.machine.on_dead_connection(false) == next_step::acquire);
    }

    TEST_CASE("exchange_machine, replays: a retry accepts any connection again")
    {
        exchange get{repeatability::always};
        get.machine.on_failed_attempt(stale(sent_state::complete));
        get.machine.on_retry();
        CHECK_FALSE(get.machine.needs_new_connection());
    }
}

TEST_SUITE("exchange_machine, retries")
{
    TEST_CASE(
        "exchange_machine, retries: a transient error is retried if the request may be sent again")
    {
        const cyclos::error_code reset = boost::asio::error::connection_reset;
        for (const auto failure :
             {cyclos::error_code{errc::connection_lost}, cyclos::error_code{errc::connect_timeout},
              cyclos::error_code{errc::response_header_timeout}, reset}) {
            CAPTURE(failure.message());
            for (const auto sent : {sent_state::none, sent_state::partial, sent_state::complete}) {
                CAPTURE(cyclos::to_string(sent));
                exchange get{repeatability::always};
                CHECK(get.after_error(failure, sent) == next_step::retry);
                exchange configured{repeatability::if_configured};
                CHECK(configured.after_error(failure, sent) == next_step::retry);
                exchange upload{repeatability::if_not_sent};
                CHECK(upload.after_error(failure, sent) ==
                      (sent == sent_state::none ? next_step::retry : next_step::finish));
            }
        }
    }

    TEST_CASE("exchange_machine, retries: an error that is not transient is final")
    {
        for (const auto code : {errc::cancelled, errc::total_timeout, errc::source_failed,
                                errc::unexpected_response, errc::host_name_mismatch}) {
            exchange get{repeatability::always};
            CHECK(get.after_error(code, sent_state::none) == next_step::finish);
        }
    }

    TEST_CASE("exchange_machine, retries: a confirmed upload is never sent again, while other "
              "requests are retried")
    {
        exchange get{repeatability::always};
        CHECK(get.machine.on_error(errc::connection_lost, sent_state::complete, no_pause, true) ==
              next_step::retry);
        for (const auto request : {repeatability::if_not_sent, repeatability::if_configured}) {
            exchange upload{request};
            CHECK(upload.machine.on_error(errc::connection_lost, sent_state::none, no_pause,
                                          true) == next_step::finish);
        }
    }

    TEST_CASE("exchange_machine, retries: an unreachable server is retried after the pause of the "
              "pool, without using the budget")
    {
        exchange get{repeatability::always, 3};
        while (get.budget.spend()) {
        }
        const auto pause_end = exchange_machine::time_point::clock::now() + 1h;
        CHECK(get.machine.on_error(errc::connect_timeout, sent_state::none, pause_end, false) ==
              next_step::retry);
        CHECK(get.machine.delay() > 50min);
        CHECK(get.after_error(errc::connect_timeout, sent_state::none) == next_step::finish);
    }

    TEST_CASE("exchange_machine, retries: the statuses 429, 502, 503 and 504 are retried if the "
              "request may be sent again")
    {
        for (const unsigned status : {429U, 502U, 503U, 504U}) {
            CAPTURE(status);
            for (const auto request : {repeatability::always, repeatability::if_configured}) {
                exchange e{request};
                CHECK(e.machine.on_response(status, 7s) == next_step::retry);
                CHECK(e.machine.delay() >= 7s);
            }
            exchange upload{repeatability::if_not_sent};
            CHECK(upload.machine.on_response(status, {}) == next_step::finish);
        }
        for (const unsigned status : {301U, 400U, 401U, 404U, 408U, 500U, 501U, 505U}) {
            CAPTURE(status);
            exchange get{repeatability::always};
            CHECK(get.machine.on_response(status, {}) == next_step::finish);
        }
    }

    TEST_CASE("exchange_machine, retries: a failure that is not transient is final, also in the "
              "pause of the pool")
    {
        exchange get{repeatability::always};
        const auto pause_end = exchange_machine::time_point::clock::now() + 1s;
        CHECK(get.machine.on_error(errc::host_name_mismatch, sent_state::none, pause_end, false) ==
              next_step::finish);
    }

    TEST_CASE("exchange_machine, retries: no retry begins after the total deadline, or later than "
              "max_retry_after")
    {
        const auto soon = exchange_machine::time_point::clock::now() + 1min;
        exchange get{repeatability::always, 1, soon};
        CHECK(get.machine.on_response(503, 50s) == next_step::retry);
        exchange late{repeatability::always, 1, soon};
        CHECK(late.machine.on_response(503, 60s) == next_step::finish); // of the operation
        exchange patient{repeatability::always};
        CHECK(patient.machine.on_response(503, 61s) == next_step::finish); // of max_retry_after
    }

    TEST_CASE("exchange_machine, retries: the number of retries is limited to max_retries")
    {
        exchange get{repeatability::always, 2};
        CHECK(get.after_error(errc::connection_lost, sent_state::none) == next_step::retry);
        CHECK(get.machine.on_response(503, {}) == next_step::retry);
        CHECK(get.machine.on_response(503, {}) == next_step::finish);
        exchange none{repeatability::always, 0};
        CHECK(none.after_error(errc::connection_lost, sent_state::none) == next_step::finish);
    }
}

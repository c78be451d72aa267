//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/http/retry/retry_after.hpp>
#include <cyclos/detail/http/retry/retry_schedule.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <limits>
#include <optional>
#include <string>

namespace {

using namespace std::chrono_literals;
using cyclos::errc;
using cyclos::retry_config;
using cyclos::sent_state;
using cyclos::http::parse_retry_after;
using cyclos::http::retry_budget;
using cyclos::http::retry_schedule;

// Sun, 06 Nov 1994 08:49:37 GMT
constexpr std::chrono::system_clock::time_point now{784111777s};

retry_config with_retries(unsigned count)
{
    retry_config config;
    config.max_retries = count;
    return config;
}

bool tried_again(cyclos::error_code failure, sent_state sent = sent_state::none,
                 bool repeatable = true)
{
    const auto config = with_retries(1);
    retry_budget budget{0};
    return retry_schedule{config, budget, repeatable}.next_delay(failure, sent).has_value();
}

bool tried_after_answer(unsigned status, std::string_view retry_after = {}, bool repeatable = true)
{
    const auto config = with_retries(1);
    retry_budget budget{0};
    return retry_schedule{config, budget, repeatable}
        .next_delay(status, parse_retry_after(retry_after, std::chrono::system_clock::now()))
        .has_value();
}

} // namespace

TEST_SUITE("Retry-After")
{
    TEST_CASE("Retry-After: a number of seconds is read, and clamped")
    {
        CHECK(parse_retry_after("0", now) == 0s);
        CHECK(parse_retry_after("120", now) == 120s);
        CHECK(parse_retry_after("4294967295", now) == 4294967295s);
        // A number above the maximum is a long wait.
        CHECK(parse_retry_after("4294967296", now) == 4294967295s);
        CHECK(parse_retry_after("99999999999999999999", now) == 4294967295s);
        for (const auto* text :
             {"", "-1", "+1", " 1", "1 ", "1.5", "soon", "4294967296s", "-99999999999999999999"}) {
            CAPTURE(text);
            CHECK(parse_retry_after(text, now) == std::nullopt);
        }
    }

    TEST_CASE("Retry-After: a date is read as the delay until then")
    {
        CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now) == 0s);
        CHECK(parse_retry_after("Sun, 06 Nov 1994 08:50:00 GMT", now) == 23s);
        CHECK(parse_retry_after("Mon, 07 Nov 1994 08:49:37 GMT", now) == 86400s);
        CHECK(parse_retry_after("Sat, 05 Nov 1994 08:49:37 GMT", now) == 0s);
        CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:38 GMT", now + 1ms) ==
              1s); // never too early
        CHECK(parse_retry_after("Thu, 29 Feb 1996 00:00:00 GMT", now) > 0s);
        // Beyond the range of a system clock in nanoseconds.
        CHECK(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", now) == 252618189022s);
        CHECK(parse_retry_after("Mon, 01 Jan 0001 00:00:00 GMT", now) == 0s);
        for (const auto* text : {"Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
                                 "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
                                 "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
                                 "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                                 "Sun, -6 Nov 1994 08:49:37 GMT"}) {
            CAPTURE(text);
            CHECK(parse_retry_after(text, now) == std::nullopt);
        }
    }
}

TEST_SUITE("retry_schedule")
{
    TEST_CASE("retry_schedule: failures of a connection are retried")
    {
        CHECK(tried_again(boost::asio::error::connection_refused));
        CHECK(tried_again(boost::asio::error::host_not_found));
        CHECK(tried_again(boost::asio::ssl::error::stream_truncated));
        for (const auto code :
             {errc::resolve_timeout, errc::connect_timeout, errc::handshake_timeout,
              errc::response_header_timeout, errc::connection_lost}) {
            CHECK(tried_again(code, sent_state::complete));
        }
    }

    TEST_CASE("retry_schedule: final errors are not retried")
    {
        for (const auto code :
             {errc::cancelled, errc::client_closed, errc::acquire_timeout, errc::total_timeout,
              errc::pool_queue_full, errc::invalid_argument, errc::host_name_mismatch,
              errc::proxy_refused, errc::malformed_response, errc::header_limit, errc::body_limit,
              errc::source_failed, errc::source_changed}) {
            CHECK_FALSE(tried_again(code));
        }
        CHECK_FALSE(tried_again(cyclos::error_code{1, boost::asio::error::get_ssl_category()}));
    }

    TEST_CASE("retry_schedule: an upload is retried only if nothing was sent")
    {
        CHECK(tried_again(errc::connection_lost, sent_state::none, false));
        CHECK_FALSE(tried_again(errc::connection_lost, sent_state::partial, false));
        CHECK_FALSE(tried_again(errc::connection_lost, sent_state::complete, false));
        CHECK_FALSE(tried_after_answer(503, {}, false));
    }

    TEST_CASE("retry_schedule: the statuses 429, 502, 503 and 504 are retried")
    {
        for (unsigned status = 200; status < 600; ++status) {
            CHECK(tried_after_answer(status) ==
                  (status == 429 || status == 502 || status == 503 || status == 504));
        }
        CHECK(tried_after_answer(503, "60"));
        CHECK_FALSE(tried_after_answer(503, "61")); // above max_retry_after
    }

    TEST_CASE(
        "retry_schedule: the delay is random below a ceiling that doubles, or that of Retry-After")
    {
        auto config = with_retries(8);
        config.base_delay = 100ms;
        config.max_delay = 1s;
        const std::chrono::milliseconds ceilings[] = {100ms, 200ms, 400ms, 800ms, 1s, 1s, 1s, 1s};
        bool some_early = false;
        bool some_late = false;
        for (int round = 0; round < 50; ++round) {
            retry_budget budget{0};
            retry_schedule again{config, budget, true};
            for (const auto ceiling : ceilings) {
                const auto wait = again.next_delay(503, {});
                REQUIRE(wait);
                CHECK(*wait >= 0s);
                CHECK(*wait <= ceiling);
                some_early = some_early || *wait < ceiling / 4;
                some_late = some_late || *wait > ceiling * 3 / 4;
            }
            CHECK_FALSE(again.next_delay(503, {}));
        }
        CHECK(some_early);
        CHECK(some_late);

        retry_budget budget{0};
        CHECK(retry_schedule{config, budget, true}.next_delay(503, 7s) == 7s);
    }

    TEST_CASE("retry_schedule: the budget allows ten retries at once, and a fifth of the requests "
              "after that")
    {
        const auto config = with_retries(1);
        retry_budget budget{0.2};
        const auto request = [&] {
            budget.earn();
            return retry_schedule{config, budget, true}.next_delay(503, {}).has_value();
        };
        int granted = 0;
        for (int i = 0; i < 1000; ++i) {
            granted += request() ? 1 : 0;
        }
        CHECK(granted >= 200);
        CHECK(granted <= 212);
    }

    TEST_CASE("retry_schedule: a budget of more than one per request is available at once")
    {
        const auto config = with_retries(1);
        retry_budget budget{500};
        for (int i = 0; i < 500; ++i) {
            CHECK(retry_schedule{config, budget, true}.next_delay(503, {}));
        }
        CHECK_FALSE(retry_schedule{config, budget, true}.next_delay(503, {}));
    }

    TEST_CASE("retry_schedule: an infinite budget allows every retry")
    {
        const auto config = with_retries(1);
        retry_budget budget{std::numeric_limits<double>::infinity()};
        for (int i = 0; i < 1000; ++i) {
            budget.earn();
            CHECK(retry_schedule{config, budget, true}.next_delay(503, {}));
            CHECK(retry_schedule{config, budget, true}.next_delay(503, {}));
        }
    }

    TEST_CASE("retry_schedule: a retry that the deadline forbids costs no budget")
    {
        retry_config config = with_retries(100);
        config.base_delay = config.max_delay = 1h;
        retry_budget budget{0}; // ten available at once
        const auto soon = std::chrono::steady_clock::now() + 10ms;
        for (int n = 0; n < 50; ++n) {
            retry_schedule late{config, budget, true, soon};
            CHECK_FALSE(late.next_delay(503U, 30s).has_value());
        }
        retry_schedule timely{config, budget, true};
        for (int n = 0; n < 10; ++n) {
            CHECK(timely.next_delay(503U, {}).has_value());
        }
        CHECK_FALSE(timely.next_delay(503U, {}).has_value());
    }

    TEST_CASE("retry_schedule: the back-off grows to its limit, and does not overflow")
    {
        retry_config config;
        for (const unsigned earlier : {0U, 1U, 5U, 20U, 63U, 64U, 4294967295U}) {
            CAPTURE(earlier);
            for (const auto longest : {std::chrono::milliseconds{10'000},
                                       std::chrono::milliseconds{3'153'600'000'000}}) {
                config.max_delay = longest;
                for (const auto base :
                     {std::chrono::milliseconds{0}, std::chrono::milliseconds{200}, longest}) {
                    config.base_delay = base;
                    const auto delay = cyclos::http::back_off(config, earlier);
                    CHECK(delay >= 0s);
                    CHECK(delay <= longest);
                }
            }
        }
    }
}

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/detail/http/attempt_machine.hpp>

#include <doctest/doctest.h>

using cyclos::phase;
using cyclos::http::detail::attempt_machine;
using cyclos::http::detail::deadline_kind;
using sending = attempt_machine::send_state;
using receiving = attempt_machine::receive_state;

TEST_SUITE("attempt_machine")
{
    TEST_CASE("attempt_machine: a request without a body, and a response that arrives in one piece")
    {
        attempt_machine m;
        CHECK(m.on_start(false) == deadline_kind::inactivity);
        CHECK(m.phase() == phase::sending);
        CHECK(m.on_flushed() == deadline_kind::response_header);
        CHECK(m.phase() == phase::awaiting_response);
        CHECK_FALSE(m.sending_ended());
        m.on_sending_ended();
        CHECK(m.sending() == sending::sent);
        CHECK(m.sending_ended());
        CHECK(m.on_flushed() == deadline_kind::unchanged); // only once
        CHECK(m.receiving() == receiving::nothing);
        CHECK(m.on_header_bytes() == deadline_kind::inactivity);
        CHECK(m.phase() == phase::receiving);
        CHECK(m.on_header_bytes() == deadline_kind::unchanged); // more of the same header section
        m.on_final_response();
        CHECK(m.receiving() == receiving::complete);
        CHECK(m.phase() == phase::receiving);
    }

    TEST_CASE("attempt_machine: an interim response restarts the response deadline")
    {
        attempt_machine m;
        m.on_start(false);
        m.on_flushed();
        m.on_sending_ended();
        m.on_header_bytes();
        CHECK(m.on_interim_response(103) == deadline_kind::response_header);
        CHECK(m.receiving() == receiving::interim);
        CHECK(m.phase() == phase::awaiting_response);
        CHECK(m.on_header_bytes() == deadline_kind::inactivity);
    }

    TEST_CASE("attempt_machine: an interim response while the body is being sent changes nothing")
    {
        attempt_machine m;
        m.on_start(false);
        CHECK(m.on_header_bytes() == deadline_kind::unchanged);
        CHECK(m.on_interim_response(103) == deadline_kind::unchanged);
        CHECK(m.phase() == phase::sending);
        CHECK(m.on_flushed() == deadline_kind::response_header);
    }

    TEST_CASE("attempt_machine: sixteen interim responses are allowed")
    {
        attempt_machine m;
        m.on_start(false);
        m.on_flushed();
        for (unsigned n = 0; n < attempt_machine::max_interim_responses; ++n) {
            m.on_header_bytes();
            m.on_interim_response(102);
            CHECK_FALSE(m.too_many_interim_responses());
        }
        m.on_header_bytes();
        m.on_interim_response(102);
        CHECK(m.too_many_interim_responses());
    }

    TEST_CASE("attempt_machine: 100 Continue starts the sending of the body")
    {
        attempt_machine m;
        CHECK(m.on_start(true) == deadline_kind::none);
        CHECK(m.sending() == sending::awaiting_continue);
        CHECK(m.on_flushed() == deadline_kind::unchanged); // only the header section was sent
        m.on_header_bytes();
        CHECK(m.on_interim_response(102) == deadline_kind::unchanged);
        CHECK(m.sending() == sending::awaiting_continue);
        m.on_header_bytes();
        CHECK(m.on_interim_response(100) == deadline_kind::inactivity);
        CHECK(m.sending() == sending::sending);
        CHECK(m.phase() == phase::sending);
        CHECK(m.on_continue_skipped() == deadline_kind::unchanged); // it is being sent already
    }

    TEST_CASE("attempt_machine: the body is sent without 100 Continue once the wait is skipped")
    {
        attempt_machine m;
        m.on_start(true);
        CHECK(m.on_continue_skipped() == deadline_kind::inactivity);
        CHECK(m.sending() == sending::sending);
    }

    TEST_CASE("attempt_machine: a late 100 Continue changes nothing")
    {
        attempt_machine m;
        m.on_start(true);
        m.on_continue_skipped();
        m.on_source_pause();
        m.on_header_bytes();
        CHECK(m.on_interim_response(100) == deadline_kind::unchanged);
        CHECK(m.sending() == sending::awaiting_source);
    }

    TEST_CASE("attempt_machine: a source that pauses has its own deadline")
    {
        attempt_machine m;
        m.on_start(false);
        CHECK(m.on_source_data() == deadline_kind::unchanged);
        CHECK(m.on_source_pause() == deadline_kind::source);
        CHECK(m.on_source_pause() ==
              deadline_kind::unchanged); // it is still running, and not restarted
        CHECK(m.phase() == phase::sending);
        CHECK(m.on_source_data() == deadline_kind::inactivity);
        CHECK(m.sending() == sending::sending);
    }

    TEST_CASE("attempt_machine: a response that began before the request was sent puts the attempt "
              "into the receiving phase")
    {
        attempt_machine m;
        m.on_start(false);
        CHECK(m.on_header_bytes() == deadline_kind::unchanged);
        CHECK(m.phase() == phase::sending);
        CHECK(m.on_flushed() == deadline_kind::inactivity);
        CHECK(m.phase() == phase::receiving);
    }

    TEST_CASE("attempt_machine: a final response to an incomplete upload abandons the upload")
    {
        attempt_machine m;
        m.on_start(false);
        m.on_header_bytes();
        m.on_final_response();
        m.on_sending_ended();
        CHECK(m.sending() == sending::abandoned);
        CHECK(m.sending_ended());
        CHECK(m.on_flushed() == deadline_kind::unchanged);
        CHECK(m.on_header_bytes() == deadline_kind::unchanged);
        CHECK(m.on_interim_response(103) == deadline_kind::unchanged);
        CHECK(m.phase() == phase::sending);
    }

    TEST_CASE("attempt_machine: the header section after an interim response may begin before the "
              "request is flushed")
    {
        attempt_machine m;
        m.on_start(false);
        m.on_header_bytes();
        m.on_interim_response(103);
        m.on_header_bytes();
        CHECK(m.on_flushed() == deadline_kind::inactivity);
    }

    TEST_CASE(
        "attempt_machine: 100 Continue after the whole request restarts the response deadline")
    {
        attempt_machine m;
        m.on_start(false);
        m.on_flushed();
        m.on_sending_ended();
        m.on_header_bytes();
        CHECK(m.on_interim_response(100) == deadline_kind::response_header);
    }
}

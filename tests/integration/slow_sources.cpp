//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Uploads from slow sources: other events are handled meanwhile, and a source is not used after the
// upload has ended.

#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <memory>
#include <string>

namespace {

using namespace cyclos::test;

/// The state of a source for a test.
struct trace
{
    bool waiting = false;
    bool cancelled = false;
    bool destroyed = false;
};

/// Returns some bytes, and waits forever after that.
class hanging_source final : public cyclos::body_source
{
public:
    hanging_source(std::uint64_t size, std::uint64_t given, std::shared_ptr<trace> seen)
        : bytes_(size)
        , given_(given)
        , seen_(std::move(seen))
    {}

    hanging_source(hanging_source&&) = default;

    ~hanging_source() override
    {
        if (seen_) {
            seen_->destroyed = true;
        }
    }

    asio::awaitable<void> open() override { return bytes_.open(); }
    std::optional<std::uint64_t> length() const override { return bytes_.length(); }
    std::string file_name() const override { return bytes_.file_name(); }
    std::string media_type() const override { return bytes_.media_type(); }

    asio::awaitable<std::size_t> read_some(asio::mutable_buffer target) override
    {
        if (given_ == 0) {
            asio::steady_timer never{co_await asio::this_coro::executor,
                                     asio::steady_timer::time_point::max()};
            seen_->waiting = true;
            try {
                co_await never.async_wait(asio::use_awaitable);
            }
            catch (const boost::system::system_error&) {
                seen_->cancelled = true;
                throw;
            }
        }
        const std::size_t bytes = co_await bytes_.read_some(asio::buffer(
            target, static_cast<std::size_t>(std::min<std::uint64_t>(given_, target.size()))));
        given_ -= bytes;
        co_return bytes;
    }

private:
    pattern_source bytes_;
    std::uint64_t given_;
    std::shared_ptr<trace> seen_;
};

/// Waits before each block.
class pausing_source final : public cyclos::body_source
{
public:
    pausing_source(std::uint64_t size, std::chrono::milliseconds pause)
        : bytes_(size)
        , pause_(pause)
    {}

    asio::awaitable<void> open() override { return bytes_.open(); }
    std::optional<std::uint64_t> length() const override { return bytes_.length(); }
    std::string file_name() const override { return bytes_.file_name(); }
    std::string media_type() const override { return bytes_.media_type(); }

    asio::awaitable<std::size_t> read_some(asio::mutable_buffer target) override
    {
        asio::steady_timer timer{co_await asio::this_coro::executor, pause_};
        co_await timer.async_wait(asio::use_awaitable);
        co_return co_await bytes_.read_some(target);
    }

private:
    pattern_source bytes_;
    std::chrono::milliseconds pause_;
};

class slow_session : public sandbox_session
{
public:
    using sandbox_session::sandbox_session;

    cyclos::source source(std::uint64_t given) { return hanging_source{1'000'000, given, seen}; }

    cyclos::result<cyclos::uploaded_image> upload(std::uint64_t given)
    {
        return attempt(images.upload_user_image("self", source(given)));
    }

    void check_left_alone()
    {
        CHECK(seen->cancelled == seen->waiting);
        CHECK(seen->destroyed);
        until([&] { return stats().in_use == 0; });
        CHECK(server.store().user_images(fixture::demo_id).size() == 1);
        server.clear_misbehaviours();
        CHECK(run(images.view_image(fixture::portrait)).width == 64);
    }

    std::shared_ptr<trace> seen = std::make_shared<trace>();
};

} // namespace

TEST_SUITE("slow source")
{
    TEST_CASE("slow source: it is limited by timeouts.source, and not by the inactivity timeout")
    {
        slow_session session{{}, [](cyclos::config& c) {
                                 c.timeouts.inactivity = 50ms;
                                 c.timeouts.source = 300ms;
                             }};
        for (const std::uint64_t given : {0U, 300'000U}) {
            const auto begin = std::chrono::steady_clock::now();
            const auto outcome = session.upload(given);
            CHECK(outcome.error().code() == errc::source_timeout);
            CHECK(outcome.error().is_timeout());
            CHECK(outcome.error().sent() == (given == 0 ? sent_state::none : sent_state::partial));
            CHECK(std::chrono::steady_clock::now() - begin >= 300ms);
            session.check_left_alone();
        }
    }

    TEST_CASE("slow source: it may pause longer than the inactivity timeout by default")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.timeouts.inactivity = 50ms; }};
        session.run(session.images.upload_user_image("self", pausing_source{600'000, 200ms}));
        CHECK(session.server.store().user_images(fixture::demo_id).size() == 2);
    }

    TEST_CASE("slow source: a response of the server ends the upload")
    {
        slow_session session;
        session.server.misbehave({.method = "POST", .read_body = 100'000, .status = 401});
        const auto outcome = session.upload(300'000);
        CHECK(outcome.as<cyclos::unauthorized>() != nullptr);
        CHECK(outcome.error().sent() == sent_state::partial);
        session.check_left_alone();
    }

    TEST_CASE("slow source: the end of the connection ends the upload")
    {
        for (const auto end : {ending::notify, ending::fin, ending::reset}) {
            slow_session session;
            session.server.misbehave({.method = "POST", .read_body = 100'000, .instead = end});
            CHECK(failure_of(session.upload(300'000)) ==
                  failure{errc::connection_lost, phase::sending, sent_state::partial});
            session.check_left_alone();
        }
    }

    TEST_CASE("slow source: the total timeout ends the upload, before and after the first block")
    {
        for (const std::uint64_t given : {0U, 300'000U}) {
            slow_session session{{}, [](cyclos::config& c) { c.timeouts.total = 100ms; }};
            const auto outcome = session.upload(given);
            CHECK(failure_of(outcome) ==
                  (given == 0 ? failure{errc::total_timeout, phase::preparing, sent_state::none, 0}
                              : failure{errc::total_timeout, phase::sending, sent_state::partial}));
            CHECK(outcome.error().kind() == "timeout");
            CHECK_FALSE(outcome.error().is_rejected_locally());
            session.check_left_alone();
        }
    }

    TEST_CASE("slow source: cancellation ends the upload, before and after the first block")
    {
        for (const std::uint64_t given : {0U, 300'000U}) {
            slow_session session;
            asio::cancellation_signal signal;
            auto upload = asio::co_spawn(
                session.client.get_executor(),
                as_result(session.images.upload_user_image("self", session.source(given))),
                asio::bind_cancellation_slot(signal.slot(), asio::use_future));
            session.until([&] { return session.seen->waiting; });
            if (given > 0) {
                session.until([&] { return session.server.statistics().requests == 1; });
            }
            signal.emit(asio::cancellation_type::terminal);
            const auto outcome = session.get(std::move(upload));
            CHECK(failure_of(outcome) ==
                  (given == 0 ? failure{errc::cancelled, phase::preparing, sent_state::none, 0}
                              : failure{errc::cancelled, phase::sending, sent_state::partial}));
            CHECK(outcome.error().kind() == "cancelled");
            session.check_left_alone();
        }
    }

    TEST_CASE("slow source: closing the client ends the upload, before and after the first block")
    {
        for (const std::uint64_t given : {0U, 300'000U}) {
            slow_session session;
            auto upload = session.start(
                as_result(session.images.upload_user_image("self", session.source(given))));
            session.until([&] { return session.seen->waiting; });
            if (given > 0) {
                session.until([&] { return session.server.statistics().requests == 1; });
            }
            session.run(session.client.close(0s));
            const auto outcome = session.get(std::move(upload));
            CHECK(failure_of(outcome) ==
                  (given == 0 ? failure{errc::client_closed, phase::preparing, sent_state::none, 0}
                              : failure{errc::client_closed, phase::sending, sent_state::partial}));
            CHECK_FALSE(outcome.error().is_rejected_locally());
            CHECK(session.seen->cancelled);
            CHECK(session.seen->destroyed);
        }
    }

    TEST_CASE("slow source: destroying the context destroys the source")
    {
        const auto seen = std::make_shared<trace>();
        {
            slow_session session;
            auto upload = session.start(
                session.images.upload_user_image("self", hanging_source{1000, 100, seen}));
            session.until([&] { return seen->waiting; });
        }
        CHECK(seen->destroyed);
        CHECK_FALSE(seen->cancelled);
    }
}

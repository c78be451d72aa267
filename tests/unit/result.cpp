//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include <cyclos/api_error.hpp>
#include <cyclos/detail/client/make_api_error.hpp>
#include <cyclos/result.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <doctest/doctest.h>

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

namespace {

namespace asio = boost::asio;
using cyclos::as_result;
using cyclos::result;

[[noreturn]] void throw_not_found()
{
    cyclos::detail::error_response response;
    response.status = 404;
    response.body = R"({"entityType": "User", "key": "x"})";
    std::rethrow_exception(cyclos::detail::make_api_error(response, {}));
}

cyclos::error timeout()
{
    return {cyclos::errc::inactivity_timeout, {.phase = cyclos::phase::receiving}};
}

asio::awaitable<std::string> succeed()
{
    co_return "value";
}

asio::awaitable<std::string> fail()
{
    throw_not_found();
    co_return "";
}

asio::awaitable<std::string> fail_otherwise()
{
    throw std::length_error("not ours");
    co_return "";
}

asio::awaitable<void> succeed_with_nothing()
{
    co_return;
}

asio::awaitable<void> fail_with_nothing()
{
    throw_not_found();
    co_return;
}

asio::awaitable<std::unique_ptr<int>> succeed_with_unique()
{
    co_return std::make_unique<int>(7);
}

/// Runs a coroutine to its end.
template <class T>
T run(asio::awaitable<T> operation)
{
    asio::io_context context;
    auto future = asio::co_spawn(context, std::move(operation), asio::use_future);
    context.run();
    return future.get();
}

struct no_default
{
    explicit no_default(int n)
        : number(n)
    {}
    int number;
};

static_assert(std::is_default_constructible_v<result<no_default>>);
static_assert(std::is_copy_constructible_v<result<std::string>>);
static_assert(std::is_nothrow_move_constructible_v<result<std::string>>);
static_assert(!std::is_copy_constructible_v<result<std::unique_ptr<int>>>);
static_assert(std::is_move_constructible_v<result<std::unique_ptr<int>>>);
static_assert(std::is_move_assignable_v<result<std::unique_ptr<int>>>);
static_assert(std::is_copy_constructible_v<result<void>>);
static_assert(std::is_constructible_v<bool, result<int>> &&
              !std::is_convertible_v<result<int>, bool>);

} // namespace

TEST_CASE("result: it holds a value")
{
    result<std::string> r{"value"};
    CHECK(r.has_value());
    CHECK(static_cast<bool>(r));
    CHECK(r.value() == "value");
    CHECK(*r == "value");
    CHECK(r->size() == 5);
    CHECK(std::as_const(r).value() == "value");
    CHECK(*std::as_const(r) == "value");
    CHECK(std::as_const(r)->size() == 5);
    CHECK_THROWS_AS(r.error(), std::logic_error);
    CHECK(r.as<cyclos::error>() == nullptr);

    r.value() += "s";
    *r += "!";
    r->append("?");
    CHECK(std::move(r).value() == "values!?");
}

TEST_CASE("result: it holds an error with its class")
{
    const auto r = run(as_result(fail()));
    CHECK_FALSE(r.has_value());
    CHECK_FALSE(static_cast<bool>(r));
    CHECK(r.error().kind() == "not_found");
    CHECK(r.error().code() == cyclos::error_code(404, cyclos::http_status_category()));

    const auto* missing = r.as<cyclos::not_found>();
    REQUIRE(missing);
    CHECK(missing->details().entity_type == "User");
    CHECK(missing == r.as<cyclos::api_error>());
    CHECK(missing == &r.error());
    CHECK(r.as<cyclos::forbidden>() == nullptr);

    CHECK_THROWS_AS(r.value(), cyclos::not_found);
    CHECK_THROWS_AS((void)result<std::string>{r}.value(), cyclos::not_found);
}

TEST_CASE("result: it can be constructed from an error")
{
    const result<int> r = timeout();
    CHECK_FALSE(r);
    CHECK(r.error().is_timeout());
    CHECK(r.as<cyclos::error>() == &r.error());
    CHECK(r.as<cyclos::api_error>() == nullptr);
    CHECK_THROWS_AS(r.value(), cyclos::error);
}

TEST_CASE("result: a default-constructed one holds neither value nor error")
{
    const result<std::string> r;
    CHECK_FALSE(r.has_value());
    CHECK_THROWS_AS(r.value(), std::logic_error);
    CHECK_THROWS_AS(r.error(), std::logic_error);
    CHECK(r.as<cyclos::error>() == nullptr);
    CHECK_FALSE(result<void>{}.has_value());
    CHECK_THROWS_AS(result<void>{}.value(), std::logic_error);
}

TEST_CASE("result: it can be copied and moved")
{
    SUBCASE("an error is shared by copies, and kept in the moved-from object")
    {
        auto r = run(as_result(fail()));
        const auto copy = r;
        const auto moved = std::move(r);
        CHECK(&copy.error() == &moved.error());
        CHECK(&r.error() ==
              &moved.error()); // NOLINT(bugprone-use-after-move): it is what is tested
    }
    SUBCASE("an error outlives its first result")
    {
        result<std::string> kept;
        {
            const auto r = run(as_result(fail()));
            kept = r;
        }
        REQUIRE(kept.as<cyclos::not_found>());
        CHECK(kept.as<cyclos::not_found>()->details().key == "x");
    }
    SUBCASE("a value is copied and moved")
    {
        result<std::string> r{"a"};
        auto copy = r;
        *copy = "b";
        CHECK(*r == "a");
        r = std::move(copy);
        CHECK(*r == "b");
    }
    SUBCASE("the state can change")
    {
        result<std::string> r{"a"};
        r = timeout();
        CHECK_FALSE(r);
        r = result<std::string>{"b"};
        CHECK(r.value() == "b");
        r = {};
        CHECK_FALSE(r);
    }
}

TEST_CASE("result: result of void tells success or failure")
{
    const auto good = run(as_result(succeed_with_nothing()));
    CHECK(good);
    CHECK_NOTHROW(good.value());
    CHECK_THROWS_AS(good.error(), std::logic_error);
    CHECK(result<void>::success());

    const auto bad = run(as_result(fail_with_nothing()));
    CHECK_FALSE(bad);
    CHECK_THROWS_AS(bad.value(), cyclos::not_found);
    CHECK(bad.as<cyclos::not_found>());

    const result<void> made = timeout();
    CHECK(made.error().is_timeout());
}

TEST_CASE("result: as_result() returns the value of an operation")
{
    CHECK(run(as_result(succeed())).value() == "value");

    auto unique = run(as_result(succeed_with_unique()));
    REQUIRE(unique);
    CHECK(**unique == 7);
    CHECK(*std::move(unique).value() == 7);
}

TEST_CASE("result: as_result() rethrows exceptions that are not errors of the library")
{
    CHECK_THROWS_AS((void)run(as_result(fail_otherwise())), std::length_error);
}

TEST_CASE("result: as_result() can be awaited within a coroutine")
{
    const auto outer = []() -> asio::awaitable<std::string> {
        auto first = co_await as_result(succeed());
        auto second = co_await as_result(fail());
        co_return *first + " " + std::string{second.error().kind()};
    };
    CHECK(run(outer()) == "value not_found");
}

TEST_CASE("result: an error may be destroyed on another thread")
{
    auto r = run(as_result(fail()));
    asio::io_context context;
    auto future = asio::co_spawn(
        context,
        [moved = std::move(r)]() -> asio::awaitable<std::string> {
            co_return moved.error().what();
        },
        asio::use_future);
    std::thread{[&] { context.run(); }}.join();
    CHECK(future.get().find("404") != std::string::npos);
}

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The cost of the parts of a request that transfer no bytes.

#include <cyclos/images.hpp>

#include <cyclos/detail/api/decode.hpp>
#include <cyclos/detail/client/client_state.hpp>
#include <cyclos/detail/client/make_api_error.hpp>
#include <cyclos/detail/http/request/multipart.hpp>
#include <cyclos/detail/http/request/request_writer.hpp>
#include <cyclos/detail/net/pool_core.hpp>

#include <boost/asio/io_context.hpp>

#include <benchmark/benchmark.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::string_literals;

const std::string view =
    R"({"id":"7762070814178015001","name":"portrait","contentType":"image/png","length":364,)"
    R"("url":"https://localhost/api/images/content/demo-portrait.png","width":64,"height":48,)"
    R"("kind":"profile","convertedToJpeg":false})";

/// From the arguments of a call to the bytes to send.
void build_request(benchmark::State& state)
{
    boost::asio::io_context context;
    cyclos::config config{"https://localhost/api", cyclos::credentials::basic("demo", "demo")};
    config.tls.use_system_ca = false;
    const auto client =
        std::make_shared<cyclos::detail::client_state>(context.get_executor(), config);
    for (auto _ : state) {
        cyclos::detail::operation_builder builder{*client, nullptr, "view_image", "GET",
                                                  cyclos::detail::accept_json};
        builder.path("images").segment("id_or_key", "7762070814178015001").fields("id,name");
        cyclos::http::request request = builder.done().request;
        request.credentials = config.credentials.header_fields();
        const cyclos::http::request_writer message{std::move(request), config.uploads};
        benchmark::DoNotOptimize(&message);
    }
}
BENCHMARK(build_request);

void frame_form(benchmark::State& state)
{
    for (auto _ : state) {
        const cyclos::http::multipart form{"image", "holiday.jpg", "image/jpeg"};
        benchmark::DoNotOptimize(form.content_type());
    }
}
BENCHMARK(frame_form);

void decode_view(benchmark::State& state)
{
    for (auto _ : state) {
        benchmark::DoNotOptimize(cyclos::detail::decode<cyclos::image_view>(view, {}));
    }
}
BENCHMARK(decode_view);

void decode_list(benchmark::State& state)
{
    std::string list = "[" + view;
    for (int n = 1; n < state.range(0); ++n) {
        list += "," + view;
    }
    list += "]";
    for (auto _ : state) {
        benchmark::DoNotOptimize(cyclos::detail::decode<std::vector<cyclos::image>>(list, {}));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(decode_list)->Arg(1)->Arg(100);

void decode_error(benchmark::State& state)
{
    cyclos::detail::error_response answer;
    answer.status = 404;
    answer.content_type = "application/json";
    answer.body = R"({"entityType":"Image","key":"7762070814178015001"})";
    for (auto _ : state) {
        benchmark::DoNotOptimize(cyclos::detail::make_api_error(answer, {}));
    }
}
BENCHMARK(decode_error);

/// The rules alone, without a connection.
void lend_and_take_back(benchmark::State& state)
{
    using core = cyclos::net::pool_core;
    const auto connections = static_cast<std::size_t>(state.range(0));
    cyclos::pool_config limits;
    limits.max_connections = connections;
    core pool{limits};
    const auto now = core::time_point{} + std::chrono::hours{1};
    std::vector<core::action> actions;
    std::vector<core::waiter> waiters(connections);
    for (core::waiter& each : waiters) {
        pool.acquire(each, core::time_point::max(), now);
    }
    pool.take_actions(actions);
    for (const auto& action : std::vector<core::action>{actions}) {
        pool.connected(action.slot, now);
        pool.released(action.slot, true, std::nullopt, now);
    }
    pool.take_actions(actions);
    for (auto _ : state) {
        const auto slot = pool.try_acquire(now);
        pool.released(slot.value(), true, std::nullopt, now);
    }
}
BENCHMARK(lend_and_take_back)->Arg(1)->Arg(64)->Arg(1024);

/// A pool with one connection, which is in use, and many waiters: the work per waiter must not grow
/// with their number.
class crowd
{
public:
    using core = cyclos::net::pool_core;

    explicit crowd(std::int64_t size)
        : waiters_(static_cast<std::size_t>(size))
    {
        limits_.max_connections = 1;
        limits_.max_pending_acquires = waiters_.size();
        pool.emplace(limits_);
        pool->acquire(first_, core::time_point::max(), now);
        pool->connected(0, now);
        enter();
    }

    void enter()
    {
        for (core::waiter& each : waiters_) {
            enter(each);
        }
        pool->take_actions(actions_);
    }

    /// Each with the same timeout, one after the other.
    void enter(core::waiter& waiter)
    {
        arrival_ += std::chrono::microseconds{1};
        pool->acquire(waiter, arrival_ + std::chrono::hours{1}, now);
    }

    void leave()
    {
        for (core::waiter& each : waiters_) {
            pool->abandon(each);
        }
    }

    /// The connection is released, granted to the first waiter, and that one waits again as the
    /// last.
    void pass_on()
    {
        pool->released(0, true, std::nullopt, now);
        pool->take_actions(actions_);
        enter(*actions_.front().waiter);
    }

    const core::time_point now = core::time_point{} + std::chrono::hours{1};

private:
    cyclos::pool_config limits_;
    core::waiter first_;
    std::vector<core::waiter> waiters_;
    std::vector<core::action> actions_;
    core::time_point arrival_ = now;

public:
    std::optional<core> pool; // last, as it refers to the waiters
};

void release_to_one_of_many(benchmark::State& state)
{
    crowd all{state.range(0)};
    for (auto _ : state) {
        all.pass_on();
    }
}
BENCHMARK(release_to_one_of_many)->Arg(10)->Arg(1'000)->Arg(100'000);

void tick_with_many(benchmark::State& state)
{
    crowd all{state.range(0)};
    for (auto _ : state) {
        all.pool->tick(all.now);
    }
}
BENCHMARK(tick_with_many)->Arg(10)->Arg(1'000)->Arg(100'000);

/// All wait, and all are abandoned.
void cancel_many(benchmark::State& state)
{
    crowd all{state.range(0)};
    for (auto _ : state) {
        all.leave();
        all.enter();
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(cancel_many)->Arg(10)->Arg(1'000)->Arg(100'000);

} // namespace

BENCHMARK_MAIN();

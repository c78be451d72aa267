//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/fault_cell.hpp"

#include "integration/support/sandbox_session.hpp"

#include <cyclos/images.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>

namespace cyclos::test {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int slow_factor = 5;
#else
constexpr int slow_factor = 1;
#endif

constexpr auto cell_deadline =
    100s; // only a hanging operation takes so long, however busy the machine
constexpr auto brief = 500ms * slow_factor; // an expected timeout
constexpr auto ample =
    2s * slow_factor; // an expected timeout, but not before ten megabytes have passed
constexpr std::size_t large = 10U << 20U;
constexpr std::uint64_t close_notify = 24; // the record, which is not part of a request
constexpr std::string_view following_target =
    "/api/images/temp"; // the target of the request after the operation

const std::string& content()
{
    static const std::string bytes = pattern(large);
    return bytes;
}

asio::awaitable<void> download(const cyclos::images_api& images)
{
    auto from = co_await images.get_image_content("99");
    std::string_view expected = content();
    const auto block = std::make_unique<char[]>(65'536);
    while (const std::size_t bytes = co_await from.read_some(asio::buffer(block.get(), 65'536))) {
        if (expected.substr(0, bytes) != std::string_view{block.get(), bytes}) {
            throw std::runtime_error("other bytes than those of the image");
        }
        expected.remove_prefix(bytes);
    }
    if (!expected.empty()) {
        throw std::runtime_error("a part of the image, taken for all of it");
    }
}

asio::awaitable<void> perform(const cyclos::images_api& images, operation call)
{
    switch (call) {
    case operation::view: {
        const auto details = co_await images.view_image("11");
        if (details.id != "11" || details.length != 1000) {
            throw std::runtime_error("another image than was asked for");
        }
        break;
    }
    case operation::download: co_await download(images); break;
    case operation::upload: {
        cyclos::memory_source source{std::as_bytes(std::span{content()}), "x.png", "image/png"};
        const auto stored = co_await images.upload_user_image("self", std::move(source));
        if (stored.id.size() < 3) {
            throw std::runtime_error("an image that is not the one uploaded");
        }
        break;
    }
    case operation::reorder: {
        const std::vector<std::string> ids{"13", "11", "12"};
        co_await images.reorder_profile_images("self", ids);
        break;
    }
    case operation::remove: co_await images.delete_image("12"); break;
    }
}

/// The outcome as a word for the table.
std::string describe(const cyclos::result<void>& outcome)
{
    if (outcome) {
        return "ok";
    }
    const auto& e = outcome.error();
    if (const auto* answer = outcome.as<cyclos::api_error>()) {
        return std::to_string(answer->status());
    }
    if (e.is_timeout()) {
        return e.code() == errc::total_timeout             ? "total"
               : e.code() == errc::connect_timeout         ? "connect"
               : e.code() == errc::inactivity_timeout      ? "stall"
               : e.code() == errc::handshake_timeout       ? "shake"
               : e.code() == errc::response_header_timeout ? "first"
                                                           : "other timeout";
    }
    if (e.code() == errc::connection_lost) {
        return "lost";
    }
    if (e.code() == asio::error::connection_refused) {
        return "refused";
    }
    if (e.code() == asio::error::connection_reset) {
        return "reset";
    }
    return e.phase() == phase::handshaking ? "tls" : e.what();
}

incident incident_of(const cell& c, const sizes& responses)
{
    incident planned;
    planned.type = c.type;
    planned.after = 40; // within the first record
    switch (c.position) {
    case place::connect: break; // the connect hook hangs instead
    case place::accept: planned.at = stage::accept; break;
    case place::hello: planned.at = stage::handshake; break;
    case place::server_hello:
        planned.at = stage::handshake;
        planned.direction = flow::to_client;
        break;
    case place::ticket:
        planned.at = stage::ticket;
        planned.direction = flow::to_client;
        break;
    case place::request_head: break;
    case place::request_body: planned.after = large / 3; break;
    case place::waiting:
        planned.direction = flow::to_client;
        planned.after = 0;
        break;
    case place::response_head:
        planned.direction = flow::to_client;
        planned.after = 100; // a part of it has arrived, as it is in small records
        break;
    case place::response_body:
        planned.direction = flow::to_client;
        planned.after = c.call == operation::download ? large / 3 : responses.at(c.call) - 30;
        break;
    case place::idle:
        planned.at = stage::now;
        planned.direction = flow::to_client;
        break;
    }
    return planned;
}

/// A connect hook that hangs while `hangs` is set, and ignores its cancellation.
class hanging_hook
{
public:
    bool hangs = true;
    std::size_t calls = 0;

    static cyclos::connect_hook make(std::shared_ptr<hanging_hook> state)
    {
        return [state = std::move(state)](
                   cyclos::connect_target target) -> asio::awaitable<cyclos::connected_socket> {
            const auto executor = co_await asio::this_coro::executor;
            ++state->calls;
            if (state->hangs) {
                co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
                asio::steady_timer never{executor, cell_deadline * 10};
                co_await never.async_wait(asio::use_awaitable);
            }
            asio::ip::tcp::socket socket{executor};
            const auto port = static_cast<unsigned short>(std::stoi(target.port));
            const asio::ip::tcp::endpoint server{asio::ip::address_v4::loopback(), port};
            co_await socket.async_connect(server, asio::use_awaitable);
            co_return std::move(socket);
        };
    }
};

cyclos::config config_of(const cell& c, const bench& b, const fault_proxy& proxy,
                         unsigned timeout_factor, std::shared_ptr<hanging_hook> hook)
{
    cyclos::config settings = config_for(b.server, demo());
    settings.base_url = proxy.url();
    settings.downloads.max_resumes = 0; // the break must be visible
    for (auto* const each :
         {&settings.timeouts.acquire, &settings.timeouts.connect, &settings.timeouts.handshake,
          &settings.timeouts.response_header, &settings.timeouts.inactivity}) {
        *each = cell_deadline * 2; // no timeout is expected
    }
    if (c.type == fault::blackhole) {
        const bool late = c.call == operation::upload && !loads_direction(c);
        settings.timeouts.handshake = settings.timeouts.response_header =
            settings.timeouts.inactivity = (late ? ample : brief) * timeout_factor;
    }
    if (c.position == place::connect) {
        settings.connect = hanging_hook::make(std::move(hook));
        settings.timeouts.connect = brief * timeout_factor;
    }
    if (c.type == fault::throttle && loads_direction(c)) {
        settings.timeouts.total = ample * timeout_factor;
    }
    return settings;
}

void require(bool condition, const std::string& otherwise)
{
    if (!condition) {
        throw std::runtime_error(otherwise);
    }
}

class cell_run
{
public:
    cell_run(cell& planned, bench& used, sizes responses, unsigned timeout_factor)
        : cell_(planned)
        , bench_(used)
        , responses_(std::move(responses))
        , proxy_(used.server.port())
        , session_(config_of(planned, used, proxy_, timeout_factor, hook_))
    {
        bench_.prepare(cell_.call);
    }

    /// False if a timeout occurred before the fault on a very busy machine: that proves nothing.
    bool run(const std::set<std::string>& expected)
    {
        if (cell_.warm) {
            warm_up();
        }
        bench_.server.reset_statistics();
        if (cell_.position != place::connect) {
            proxy_.plan(incident_of(cell_, responses_));
        }
        const auto outcome = perform_once();
        cell_.outcome = describe(outcome);
        const auto passed = proxy_.count();

        // A later request works, and nothing is left over.
        proxy_.heal();
        hook_->hangs = false;
        wait("a request after it", [&] {
            const auto next = session_.attempt(session_.images.list_temp_images());
            // After a failed connection, requests fail at once with the same error for half a
            // second.
            if (!next && !next.error().is_timeout() &&
                next.error().phase() >= cyclos::phase::sending) {
                throw std::logic_error(next.error().what());
            }
            return next.has_value(); // with short timeouts, a busy machine may be too slow
                                     // for the first
        });
        wait("the pool to be at rest", [&] {
            const auto now = session_.stats();
            return now.in_use + now.connecting + now.waiting == 0;
        });
        finish("the client to close", session_.client.close(0s));
        wait("the client's connections to end", [&] { return proxy_.count().open == 0; });
        wait("the server's connections to end",
             [&] { return bench_.server.statistics().open == 0; });

        if (passed.struck + hook_->calls == 0 && !outcome && outcome.error().is_timeout()) {
            return false;
        }
        require(passed.struck == 1 || hook_->calls > 0, "the fault did not happen");
        require(expected.contains(cell_.outcome), "ended so: " + cell_.outcome);
        if (!outcome) {
            check_error(outcome.error(), passed);
        }
        check_store(outcome);
        return true;
    }

    /// Without a fault: the size of the response.
    std::uint64_t measure()
    {
        proxy_.plan({.at = stage::accept, .pause = 0ms});
        finish("the operation to end", perform(session_.images, cell_.call));
        return proxy_.count().to_client;
    }

private:
    template <class Condition>
    void wait(const std::string& awaited, Condition condition)
    {
        try {
            session_.until(condition, cell_deadline);
        }
        catch (const std::runtime_error&) {
            throw std::runtime_error("timeout while waiting for " + awaited);
        }
    }

    template <class T>
    T finish(const std::string& awaited, asio::awaitable<T> work)
    {
        auto end = session_.start(std::move(work));
        wait(awaited, [&] { return end.wait_for(0s) == std::future_status::ready; });
        return end.get();
    }

    void warm_up()
    {
        wait("a first request", [&] {
            return session_.attempt(perform(session_.images, operation::view)).has_value();
        });
        const bool opens_another = cell_.position == place::accept ||
                                   cell_.position == place::hello ||
                                   cell_.position == place::server_hello;
        if (opens_another) {
            // The next connection offers the session of this one.
            wait("the server to be idle", [&] { return bench_.server.close_idle() > 0; });
            wait("the client to notice", [&] { return session_.stats().idle == 0; });
        }
    }

    cyclos::result<void> perform_once()
    {
        return finish("the operation to end",
                      cyclos::as_result(perform(session_.images, cell_.call)));
    }

    void check_error(const cyclos::error& e, const fault_proxy::counts& passed)
    {
        std::size_t seen = 0;
        std::size_t whole = 0;
        for (const auto& each : bench_.server.requests()) {
            const bool is_this_operation = !each.target().ends_with(following_target);
            seen += is_this_operation ? 1 : 0;
            whole += is_this_operation && each.body_complete ? 1 : 0;
        }
        const std::string sent{to_string(e.sent())};
        switch (e.sent()) {
        case sent_state::none:
            require(seen == 0 && passed.to_server <= close_notify,
                    "a request that was not sent has been seen");
            require(e.phase() == phase::acquiring || e.phase() == phase::connecting ||
                        e.phase() == phase::handshaking,
                    "not sent, while " + std::string{to_string(e.phase())});
            break;
        case sent_state::partial:
            require(whole == 0, "a request that was sent in part has been seen whole");
            require(e.phase() == phase::sending || cell_.outcome == "400",
                    "partly sent, in the phase " + std::string{to_string(e.phase())});
            break;
        case sent_state::complete:
            require(e.phase() == phase::awaiting_response || e.phase() == phase::receiving,
                    "sent, in the phase " + std::string{to_string(e.phase())});
            break;
        }
        require(whole == 0 || e.sent() == sent_state::complete,
                "the server received a complete request, which is reported as sent: " + sent);
        require(e.attempts() >= seen,
                "the error does not count all attempts that the server received");
    }

    void check_store(const cyclos::result<void>& outcome)
    {
        const bool maybe = !outcome && outcome.error().sent() == sent_state::complete;
        const bool done = outcome.has_value();
        const auto uploads = bench_.uploads();
        const auto order = bench_.order();
        switch (cell_.call) {
        case operation::upload:
            require(uploads.size() == (done ? 1U : 0U) || (maybe && uploads.size() == 1),
                    std::to_string(uploads.size()) + " images are stored");
            require(uploads.empty() || uploads.front().content.kept() == content(),
                    "other bytes are stored");
            break;
        case operation::reorder:
            require(order == (done ? "13 11 12 " : "11 12 13 ") || (maybe && order == "13 11 12 "),
                    "the order is " + order);
            break;
        case operation::remove: {
            const bool gone = cell_.outcome == "404";
            require(!gone || outcome.error().attempts() > 1, "it was there to be deleted");
            require(order == (done || gone ? "11 13 " : "11 12 13 ") ||
                        (maybe && order == "11 13 "),
                    "there are " + order);
            break;
        }
        default: require(order == "11 12 13 ", "something has changed"); break;
        }
        require(uploads.empty() || cell_.call == operation::upload, "something was stored");
    }

    cell& cell_;
    bench& bench_;
    sizes responses_;
    fault_proxy proxy_;
    std::shared_ptr<hanging_hook> hook_ = std::make_shared<hanging_hook>();
    client_session session_;
};

} // namespace

bool loads_direction(const cell& c)
{
    const bool up = c.position == place::hello || c.position == place::request_head ||
                    c.position == place::request_body;
    return up ? c.call == operation::upload : c.call == operation::download;
}

bench::bench()
    : server{{.replace_with_pattern = true}}
    , content_(content())
{}

void bench::prepare(operation call)
{
    server.store().remove_all_images();
    for (const char* const id : {"11", "12", "13"}) {
        server.store().add_image(
            {.id = id, .content = sandbox::content::synthetic(1000), .owner = fixture::demo_id});
    }
    server.clear_misbehaviours();
    if (call == operation::download) {
        server.store().add_image({.id = "99", .kind = "temp", .content = content_});
    }
    else {
        server.misbehave({.piece = 16});
    }
}

std::string bench::order()
{
    std::string text;
    for (const auto& each : server.store().user_images(fixture::demo_id)) {
        text += each.id.size() == 2 ? each.id + ' ' : std::string{};
    }
    return text;
}

std::vector<sandbox::image> bench::uploads()
{
    auto all = server.store().user_images(fixture::demo_id);
    std::erase_if(all, [](const auto& each) { return each.id.size() == 2; });
    return all;
}

void run_cell(cell& planned, bench& used, const sizes& responses,
              const std::set<std::string>& expected)
{
    for (const unsigned timeout_factor : {1U, 2U, 4U, 8U}) {
        if (cell_run{planned, used, responses, timeout_factor}.run(expected)) {
            return;
        }
    }
    throw std::runtime_error("the fault never happens");
}

std::uint64_t measure_response(operation call, bench& used)
{
    cell c{.call = call};
    return cell_run{c, used, {}, 1}.measure();
}

} // namespace cyclos::test

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "chaos/chaos_run.hpp"

#include "integration/support/await.hpp"
#include "integration/support/load_contents.hpp"
#include "integration/support/sandbox_session.hpp"

#include <cyclos/images.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <numeric>
#include <ostream>
#include <random>
#include <stdexcept>
#include <thread>

namespace cyclos::chaos {

namespace {

namespace asio = boost::asio;
namespace fixture = test::fixture;
using test::load_sizes;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// An upload, and its result for the client.
struct upload
{
    enum class outcome { stored, failed };

    std::string name;
    std::size_t size = 0;
    outcome result = outcome::failed;
    sent_state sent = sent_state::none;
    std::string id;
    bool deleted = false;       // the server confirmed it
    bool maybe_deleted = false; // it was requested
};

/// The reason for which a failure may reach the caller; empty if a retry should have hidden it.
std::string explain(std::string_view operation, const error& e)
{
    const bool is_upload = operation == "upload";
    if (const auto* const response = dynamic_cast<const api_error*>(&e)) {
        if (is_upload &&
            (response->status() == 502 || response->status() == 503 || response->status() == 504)) {
            return "the proxy has no response of its backend: an upload that was sent is not "
                   "repeated";
        }
        return {};
    }
    if (e.code() == errc::connection_lost || e.code().category() != error_category()) {
        if (is_upload && e.sent() == sent_state::partial) {
            return "the proxy ended during the upload, which is not repeated once a part of it was "
                   "sent";
        }
        if (is_upload && e.sent() == sent_state::complete) {
            return "the proxy ended before it responded: the upload may be stored, so it is not "
                   "repeated";
        }
        if (!is_upload && e.phase() == phase::receiving && e.sent() == sent_state::complete) {
            return "the proxy ended after the header section of the response: the request is not "
                   "repeated";
        }
    }
    return {};
}

/// Stops a context in every case, so that its thread ends.
class stop_at_exit
{
public:
    explicit stop_at_exit(asio::io_context& context)
        : context_(context)
    {}
    stop_at_exit(const stop_at_exit&) = delete;
    stop_at_exit& operator=(const stop_at_exit&) = delete;
    ~stop_at_exit() { context_.stop(); }

private:
    asio::io_context& context_;
};

class chaos_run
{
public:
    chaos_run(reverse_proxy& proxy, sandbox::server& backend, const chaos_options& options)
        : proxy_(proxy)
        , backend_(backend)
        , options_(options)
        , digests_(load_sizes.size())
        , client_(context_, settings())
        , images_(client_)
    {
        for (std::size_t n = 0; n < load_sizes.size(); ++n) {
            digests_[n] = test::sha256(test::pattern(load_sizes[n]));
        }
        test::add_load_contents(backend_);
    }

    chaos_report run()
    {
        std::vector<std::future<void>> workers;
        for (unsigned n = 0; n < options_.concurrency; ++n) {
            workers.push_back(asio::co_spawn(client_.get_executor(), work(n), asio::use_future));
        }
        {
            // The proxy is a child of this thread, and would be killed with it.
            const std::jthread thread{[&] { context_.run(); }};
            const stop_at_exit guard{context_};
            restart_proxy();
            over_ = true;
            for (auto& each : workers) {
                if (each.wait_for(120s) != std::future_status::ready) {
                    throw std::runtime_error("an operation does not end");
                }
                each.get();
            }
            asio::co_spawn(context_, client_.close(10s), asio::use_future).get();
        }
        proxy_.stop();
        // The backend may still store requests that the proxy forwarded.
        test::await("the backend still has connections",
                    [&] { return backend_.statistics().open == 0; });
        compare();
        report_.repeated = repeated_;
        return report_;
    }

private:
    config settings()
    {
        config result{proxy_.url() + "/api", test::demo()};
        result.serial_executor = true; // one thread runs the context
        result.tls.use_system_ca = false;
        result.tls.ca_pem = proxy_.ca_pem();
        result.pool.max_connections = options_.concurrency;
        result.retry.max_retries = 10;
        result.retry.base_delay = 50ms;
        result.retry.max_delay = 2s;
        result.retry_budget = 10'000; // a restart makes all operations fail at once
        result.on_event = [this](const client_event& event) {
            if (std::holds_alternative<events::retried>(event)) {
                ++repeated_;
            }
        };
        return result;
    }

    void restart_proxy()
    {
        const auto end = clock::now() + options_.duration;
        std::mt19937_64 random{options_.seed};
        // Each kind at least once, however slow the machine is.
        for (unsigned n = 0; n < 4 || clock::now() + options_.between < end; ++n) {
            std::uniform_int_distribution<std::int64_t> wait{options_.between.count() / 2,
                                                             options_.between.count() * 3 / 2};
            std::this_thread::sleep_for(std::chrono::milliseconds{wait(random)});
            // On a busy machine a proxy would otherwise be stopped repeatedly before it has served
            // a request.
            await_successes(options_.concurrency);
            switch (n % 4) {
            case 0:
            case 2:
                proxy_.reload();
                ++report_.reloads;
                break;
            case 1:
                proxy_.stop();
                await_retry();
                proxy_.start();
                ++report_.restarts;
                break;
            default:
                proxy_.kill();
                await_retry();
                proxy_.start();
                ++report_.kills;
            }
        }
        std::this_thread::sleep_until(end);
    }

    /// Returns once an operation was retried because there is no proxy.
    void await_retry()
    {
        const std::uint64_t before = repeated_;
        test::await("no operation was retried, although there is no proxy",
                    [&] { return repeated_ > before; });
    }

    /// Returns once this many more operations have succeeded.
    void await_successes(std::uint64_t count)
    {
        const std::uint64_t before = successes_;
        test::await("too few operations succeed, although the proxy runs",
                    [&] { return successes_ >= before + count; });
    }

    asio::awaitable<void> work(unsigned number)
    {
        std::mt19937_64 random{options_.seed * 1000 + number};
        const auto any_size = [&random] {
            return static_cast<std::size_t>(random() % load_sizes.size());
        };
        for (unsigned n = 0; !over_; ++n) {
            switch (random() % 8) {
            case 0:
            case 1: co_await attempt("view", view(any_size())); break;
            case 2:
            case 3: co_await attempt("content", read(any_size())); break;
            case 4: co_await attempt("list", list()); break;
            case 5: co_await attempt("reorder", reorder()); break;
            default:
                const std::size_t size = any_size();
                co_await store_and_delete(std::to_string(number) + '-' + std::to_string(n), size,
                                          random() % 2 == 0);
            }
        }
    }

    /// Counts an operation.
    asio::awaitable<bool> attempt(std::string_view kind, asio::awaitable<void> operation)
    {
        try {
            co_await std::move(operation);
            ++report_.operations[std::string{kind}];
            ++successes_;
            co_return true;
        }
        catch (const error& e) {
            count(kind, e);
            co_return false;
        }
    }

    void count(std::string_view kind, const error& e)
    {
        std::string key{kind};
        key += ": " + (dynamic_cast<const api_error*>(&e) != nullptr
                           ? "status " + std::to_string(e.code().value())
                           : e.code().message());
        key += ", while " + std::string{to_string(e.phase())} + ", sent " +
               std::string{to_string(e.sent())};
        auto& counted = report_.failures[key];
        ++counted.count;
        counted.explanation = explain(kind, e);
        if (counted.explanation.empty() && report_.wrong.size() < 20) {
            report_.wrong.push_back("a failure that a retry should have hidden: " +
                                    std::string{e.what()});
        }
    }

    void require(bool holds, const std::string& problem)
    {
        if (!holds) {
            report_.wrong.push_back(problem);
        }
    }

    asio::awaitable<void> view(std::size_t n)
    {
        const std::string id = test::load_content_id(n);
        const auto details = co_await images_.view_image(id);
        require(details.id == id && details.name == test::load_content_name(n) &&
                    details.length == load_sizes[n],
                "the details of another image");
    }

    asio::awaitable<void> read(std::size_t n)
    {
        auto content = co_await images_.get_image_content(test::load_content_id(n));
        const bool same = co_await test::read_load_content(std::move(content), n, 16'384);
        require(same, "a content with wrong bytes");
    }

    asio::awaitable<void> list()
    {
        const auto all = co_await images_.list_user_images("self");
        require(all.size() == 1 && all.front().id == fixture::portrait, "a wrong list");
    }

    asio::awaitable<void> reorder()
    {
        static const std::vector<std::string> order{fixture::portrait};
        co_await images_.reorder_profile_images("self", order);
    }

    asio::awaitable<void> store_and_delete(std::string name, std::size_t size, bool and_delete)
    {
        upload mine;
        mine.name = std::move(name);
        mine.size = size;
        try {
            auto source = test::load_source(size, std::hash<std::string>{}(mine.name) % 2 != 0);
            const auto stored =
                co_await images_.upload_temp_image(std::move(source), {.name = mine.name});
            mine.id = stored.id;
            mine.result = upload::outcome::stored;
            mine.sent = sent_state::complete;
            ++report_.operations["upload"];
            ++successes_;
        }
        catch (const error& e) {
            mine.sent = e.sent();
            count("upload", e);
        }
        if (and_delete && mine.result == upload::outcome::stored) {
            mine.maybe_deleted = true;
            mine.deleted = co_await attempt("delete", remove(mine.id));
        }
        uploads_.push_back(std::move(mine));
    }

    asio::awaitable<void> remove(std::string id)
    {
        try {
            co_await images_.delete_image(id);
        }
        catch (const not_found& e) {
            // An earlier attempt deleted it, and only its response was lost.
            require(e.attempts() > 1, "a stored image is missing");
            ++report_.operations["delete, done by an earlier attempt"];
        }
    }

    /// Compares the results that the client got with the images of the backend.
    void compare()
    {
        std::map<std::string, std::vector<sandbox::image>> stored;
        for (auto& each : backend_.store().temp_images()) {
            stored[each.name].push_back(std::move(each));
        }
        for (const upload& each : uploads_) {
            const auto found = stored.find(each.name);
            const std::size_t times = found == stored.end() ? 0 : found->second.size();
            const std::string problem = "upload " + each.name + ' ';
            require(times <= 1, problem + "was stored more than once");
            if (each.result == upload::outcome::stored) {
                require(each.deleted ? times == 0 : each.maybe_deleted || times == 1,
                        problem + (each.deleted ? "was deleted, and is still stored"
                                                : "was stored, and is missing"));
                if (times == 1) {
                    require(found->second.front().id == each.id, problem + "has another id");
                }
            }
            else {
                require(each.sent == sent_state::complete || times == 0,
                        problem + "was not sent completely, and is stored");
            }
            if (times > 0) {
                require(found->second.front().sha256 == digests_[each.size],
                        problem + "was stored with other bytes");
                stored.erase(found);
            }
        }
        require(stored.empty(), "there are images that were not uploaded");
    }

    reverse_proxy& proxy_;
    sandbox::server& backend_;
    chaos_options options_;
    std::vector<std::string> digests_;
    chaos_report report_; // used by the thread of the context while it runs, except for the
                          // counts of restart_proxy()
    std::vector<upload> uploads_;
    std::atomic<bool> over_ = false;
    std::atomic<std::uint64_t> successes_ = 0;
    std::atomic<std::uint64_t> repeated_ = 0;
    asio::io_context context_{1};
    client client_;
    images_api images_;
};

} // namespace

std::uint64_t chaos_report::succeeded() const
{
    return std::accumulate(operations.begin(), operations.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto& each) { return sum + each.second; });
}

std::uint64_t chaos_report::failed() const
{
    return std::accumulate(
        failures.begin(), failures.end(), std::uint64_t{0},
        [](std::uint64_t sum, const auto& each) { return sum + each.second.count; });
}

bool chaos_report::good() const
{
    return wrong.empty() && std::none_of(failures.begin(), failures.end(), [](const auto& each) {
               return each.second.explanation.empty();
           });
}

std::ostream& operator<<(std::ostream& out, const chaos_report& report)
{
    out << "  " << report.reloads << " reloads, " << report.restarts << " restarts, "
        << report.kills << " kills\n"
        << "  " << report.succeeded() << " operations succeeded, " << report.failed() << " failed, "
        << report.repeated << " attempts were repeated\n";
    for (const auto& [kind, count] : report.operations) {
        out << "    " << count << ' ' << kind << '\n';
    }
    for (const auto& [kind, counted] : report.failures) {
        out << "  failed " << counted.count << " times: " << kind << "\n    "
            << (counted.explanation.empty() ? "NOT EXPLAINED" : counted.explanation) << '\n';
    }
    for (const auto& each : report.wrong) {
        out << "  WRONG: " << each << '\n';
    }
    return out << "  wrong results: " << report.wrong.size() << '\n';
}

sandbox::options backend_options()
{
    sandbox::options result = test::load_server_options();
    result.tls = false;
    result.max_temp_images = 10'000'000;
    result.kept_requests = 1;
    return result;
}

chaos_report run_chaos(reverse_proxy& proxy, sandbox::server& backend, const chaos_options& options)
{
    return chaos_run{proxy, backend, options}.run();
}

} // namespace cyclos::chaos

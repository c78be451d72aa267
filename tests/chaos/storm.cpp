//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "chaos/storm.hpp"

#include "integration/support/await.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/sandbox_session.hpp"

#include <cyclos/images.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <array>
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
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::array<std::size_t, 5> sizes{0, 1, 5'000, 131'072, 400'000};

/// An upload, and what the client knows of it.
struct upload
{
    enum class outcome { stored, failed };

    std::string name;
    std::size_t size = 0;
    outcome result = outcome::failed;
    sent_state sent = sent_state::none;
    std::string id;
    bool deleted = false;       // the server said so
    bool maybe_deleted = false; // it was asked to
};

/// Why a failure could not be hidden; empty where it should have been.
std::string explain(std::string_view operation, const error& e)
{
    const bool is_upload = operation == "upload";
    if (const auto* const said = dynamic_cast<const api_error*>(&e)) {
        if (is_upload &&
            (said->status() == 502 || said->status() == 503 || said->status() == 504)) {
            return "the front answered that it had no answer of its backend: an upload that was "
                   "sent is not repeated";
        }
        return {};
    }
    if (e.code() == errc::connection_lost || e.code().category() != error_category()) {
        if (is_upload && e.sent() == sent_state::partial) {
            return "the front went in the middle of the upload, which is not repeated once some of "
                   "it was sent";
        }
        if (is_upload && e.sent() == sent_state::complete) {
            return "the front went before it answered: nobody knows whether the upload was stored, "
                   "so it is not "
                   "repeated";
        }
        if (!is_upload && e.phase() == phase::receiving && e.sent() == sent_state::complete) {
            return "the front went in the middle of an answer of which the head had come: that is "
                   "not asked for again";
        }
    }
    return {};
}

/// Ends the thread of a context, whatever may have happened.
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

class storm
{
public:
    storm(front& where, sandbox::server& backend, const storm_options& options)
        : front_(where)
        , backend_(backend)
        , options_(options)
        , contents_(sizes.size())
        , digests_(sizes.size())
        , client_(context_, settings())
        , images_(client_)
    {
        for (std::size_t n = 0; n < sizes.size(); ++n) {
            contents_[n] = test::pattern(sizes[n]);
            digests_[n] = test::sha256(contents_[n]);
            backend_.store().add_image({.id = "content-" + std::to_string(n),
                                        .kind = "custom",
                                        .name = "content " + std::to_string(n),
                                        .content = sandbox::content::synthetic(sizes[n])});
        }
    }

    storm_report run()
    {
        std::vector<std::future<void>> workers;
        for (unsigned n = 0; n < options_.concurrency; ++n) {
            workers.push_back(asio::co_spawn(client_.get_executor(), work(n), asio::use_future));
        }
        {
            // The front belongs to this thread, with which it would be killed.
            const std::jthread thread{[&] { context_.run(); }};
            const stop_at_exit guard{context_};
            disturb();
            over_ = true;
            for (auto& each : workers) {
                if (each.wait_for(120s) != std::future_status::ready) {
                    throw std::runtime_error("an operation does not end");
                }
                each.get();
            }
            asio::co_spawn(context_, client_.close(10s), asio::use_future).get();
        }
        front_.stop();
        // What the front had passed on may be being stored.
        test::await("the backend still has connections",
                    [&] { return backend_.statistics().open == 0; });
        compare();
        report_.repeated = repeated_;
        return report_;
    }

private:
    config settings()
    {
        config result{front_.url() + "/api", test::demo()};
        result.serial_executor = true; // one thread runs the context
        result.tls.use_system_ca = false;
        result.tls.ca_pem = front_.ca_pem();
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

    void disturb()
    {
        const auto end = clock::now() + options_.duration;
        std::mt19937_64 random{options_.seed};
        // One of each at least, however slow the machine is.
        for (unsigned n = 0; n < 4 || clock::now() + options_.between < end; ++n) {
            std::uniform_int_distribution<std::int64_t> wait{options_.between.count() / 2,
                                                             options_.between.count() * 3 / 2};
            std::this_thread::sleep_for(std::chrono::milliseconds{wait(random)});
            // On a machine that is busy, a server would be stopped before it has served anybody,
            // again and again.
            await_successes(options_.concurrency);
            switch (n % 4) {
            case 0:
            case 2:
                front_.reload();
                ++report_.reloads;
                break;
            case 1:
                front_.stop();
                await_repetition();
                front_.start();
                ++report_.restarts;
                break;
            default:
                front_.kill();
                await_repetition();
                front_.start();
                ++report_.kills;
            }
        }
        std::this_thread::sleep_until(end);
    }

    /// Returns once an operation has met the front that is gone, and waits for another attempt.
    void await_repetition()
    {
        const std::uint64_t before = repeated_;
        test::await("nothing is repeated, although there is no server",
                    [&] { return repeated_ > before; });
    }

    /// Returns once so many more operations have succeeded.
    void await_successes(std::uint64_t count)
    {
        const std::uint64_t before = successes_;
        test::await("hardly anything succeeds, although the server serves",
                    [&] { return successes_ >= before + count; });
    }

    asio::awaitable<void> work(unsigned number)
    {
        std::mt19937_64 random{options_.seed * 1000 + number};
        const auto any_size = [&random] {
            return static_cast<std::size_t>(random() % sizes.size());
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
            report_.wrong.push_back("a failure that should have been hidden: " +
                                    std::string{e.what()});
        }
    }

    void require(bool holds, const std::string& what)
    {
        if (!holds) {
            report_.wrong.push_back(what);
        }
    }

    asio::awaitable<void> view(std::size_t n)
    {
        const std::string id = "content-" + std::to_string(n);
        const auto details = co_await images_.view_image(id);
        require(details.id == id && details.name == "content " + std::to_string(n) &&
                    details.length == sizes[n],
                "the details of another image");
    }

    asio::awaitable<void> read(std::size_t n)
    {
        auto content = co_await images_.get_image_content("content-" + std::to_string(n));
        const std::string bytes = co_await content.read_all(1'000'000);
        require(bytes == contents_[n], "a content that is not what it should be");
    }

    asio::awaitable<void> list()
    {
        const auto all = co_await images_.list_user_images("self");
        require(all.size() == 1 && all.front().id == fixture::portrait,
                "a list that is not what it should be");
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
            test::pattern_source source{sizes[size]};
            if (std::hash<std::string>{}(mine.name) % 2 == 0) {
                source.told.reset();
            }
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
            // The attempt before has done it, and only its answer was lost.
            require(e.attempts() > 1, "an image that was stored is not there");
            ++report_.operations["delete, found done by the attempt before"];
        }
    }

    /// Holds what the client believes against what there is.
    void compare()
    {
        std::map<std::string, std::vector<sandbox::image>> stored;
        for (auto& each : backend_.store().temp_images()) {
            stored[each.name].push_back(std::move(each));
        }
        for (const upload& each : uploads_) {
            const auto found = stored.find(each.name);
            const std::size_t times = found == stored.end() ? 0 : found->second.size();
            const std::string what = "upload " + each.name + ' ';
            require(times <= 1, what + "was stored more than once");
            if (each.result == upload::outcome::stored) {
                require(each.deleted ? times == 0 : each.maybe_deleted || times == 1,
                        what + (each.deleted ? "was deleted, and is there"
                                             : "was stored, and is not there"));
                if (times == 1) {
                    require(found->second.front().id == each.id, what + "has another id");
                }
            }
            else {
                require(each.sent == sent_state::complete || times == 0,
                        what + "was not sent, or in part only, and is stored");
            }
            if (times > 0) {
                require(found->second.front().sha256 == digests_[each.size],
                        what + "was stored with other bytes");
                stored.erase(found);
            }
        }
        require(stored.empty(), "there are images that nobody has uploaded");
    }

    front& front_;
    sandbox::server& backend_;
    storm_options options_;
    std::vector<std::string> contents_;
    std::vector<std::string> digests_;
    storm_report report_; // belongs to the thread of the context while that runs, but for the
                          // counts of disturb()
    std::vector<upload> uploads_;
    std::atomic<bool> over_ = false;
    std::atomic<std::uint64_t> successes_ = 0;
    std::atomic<std::uint64_t> repeated_ = 0;
    asio::io_context context_{1};
    client client_;
    images_api images_;
};

} // namespace

std::uint64_t storm_report::succeeded() const
{
    return std::accumulate(operations.begin(), operations.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto& each) { return sum + each.second; });
}

std::uint64_t storm_report::failed() const
{
    return std::accumulate(
        failures.begin(), failures.end(), std::uint64_t{0},
        [](std::uint64_t sum, const auto& each) { return sum + each.second.count; });
}

bool storm_report::good() const
{
    return wrong.empty() && std::none_of(failures.begin(), failures.end(), [](const auto& each) {
               return each.second.explanation.empty();
           });
}

std::ostream& operator<<(std::ostream& out, const storm_report& report)
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
    sandbox::options result;
    result.tls = false;
    result.max_temp_images = 10'000'000;
    result.max_kept_body = 1024;
    result.replace_with_pattern = true;
    result.kept_requests = 1;
    return result;
}

storm_report run_storm(front& where, sandbox::server& backend, const storm_options& options)
{
    return storm{where, backend, options}.run();
}

} // namespace cyclos::chaos

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "soak/soak.hpp"

#include "integration/support/await.hpp"
#include "integration/support/load_contents.hpp"
#include "integration/support/resources.hpp"
#include "integration/support/sandbox_session.hpp"
#include "soak/faulty_environment.hpp"
#include "soak/server_faults.hpp"

#include <cyclos/images.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <future>
#include <iomanip>
#include <map>
#include <memory>
#include <mutex>
#include <ostream>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace cyclos::soak {

namespace {

namespace asio = boost::asio;
namespace fixture = test::fixture;
using namespace std::chrono_literals;
using test::load_sizes;
using test::open_descriptors;
using test::resident_memory;
using clock = std::chrono::steady_clock;

/// Counts since the last line; thread-safe.
class counts
{
public:
    void succeeded(const client* owner)
    {
        const std::lock_guard lock{mutex_};
        ++operations_;
        ++succeeded_[owner];
    }

    /// The number of operations of a client that have succeeded so far.
    std::uint64_t successes_of(const client* owner)
    {
        const std::lock_guard lock{mutex_};
        return succeeded_[owner];
    }

    void failed(std::string_view kind)
    {
        const std::lock_guard lock{mutex_};
        ++operations_;
        ++errors_[std::string{kind}];
    }

    void wrong(std::string problem)
    {
        const std::lock_guard lock{mutex_};
        wrong_.push_back(std::move(problem));
    }

    /// The text of a line; resets the counts.
    std::string take()
    {
        const std::lock_guard lock{mutex_};
        std::string text = std::to_string(operations_) + " operations, errors:";
        for (const auto& [kind, count] : errors_) {
            text += ' ' + kind + ' ' + std::to_string(count);
        }
        total_ += operations_;
        operations_ = 0;
        errors_.clear();
        return text;
    }

    std::uint64_t total() const { return total_; }
    const std::vector<std::string>& all_wrong() const { return wrong_; }

private:
    std::mutex mutex_;
    std::uint64_t operations_ = 0;
    std::uint64_t total_ = 0;
    std::map<const client*, std::uint64_t> succeeded_;
    std::map<std::string, std::uint64_t> errors_;
    std::vector<std::string> wrong_;
};

/// A client with its concurrency.
struct subject
{
    std::unique_ptr<client> tested;
    unsigned concurrency = 0;
    bool failing_network = false; ///< Whether its connections use the faulty network.
};

/// A coroutine that makes operations in a loop.
class worker
{
public:
    worker(const subject& s, sandbox::server& server, const faulty_environment& environment,
           counts& results, std::uint64_t seed)
        : images_(*s.tested)
        , server_(server)
        , environment_(environment)
        , counts_(results)
        , owner_(s.tested.get())
        , random_(seed)
    {}

    asio::awaitable<void> run(const std::atomic<bool>& over)
    {
        while (!over) {
            bool unreachable = false;
            try {
                if (random_() % 20 == 0) {
                    co_await cancelled_soon(any_operation());
                }
                else {
                    co_await any_operation();
                }
                counts_.succeeded(owner_);
            }
            catch (const error& e) {
                counts_.failed(e.kind());
                unreachable = e.attempts() == 0;
            }
            catch (const boost::system::system_error& e) {
                // A coroutine of this test that was cancelled between two operations.
                if (e.code() != asio::error::operation_aborted) {
                    counts_.wrong(std::string{"something that is no error of the library: "} +
                                  e.what());
                }
                counts_.failed("cancelled");
            }
            if (unreachable) { // like a program that does not retry in a loop
                               // once
                asio::steady_timer pause{co_await asio::this_coro::executor, 5ms};
                co_await pause.async_wait(asio::use_awaitable);
            }
        }
    }

private:
    asio::awaitable<void> cancelled_soon(asio::awaitable<void> operation)
    {
        const auto executor = co_await asio::this_coro::executor;
        const auto signal = std::make_shared<asio::cancellation_signal>();
        asio::steady_timer timer{executor, std::chrono::microseconds{random_() % 20'000}};
        timer.async_wait([signal](const boost::system::error_code& ec) {
            if (!ec) {
                signal->emit(asio::cancellation_type::terminal);
            }
        });
        co_await asio::co_spawn(executor, std::move(operation),
                                asio::bind_cancellation_slot(signal->slot(), asio::use_awaitable));
    }

    asio::awaitable<void> any_operation()
    {
        static const std::vector<std::string> portrait{fixture::portrait};
        static const std::vector<std::string> of_ad{"ad-1", "ad-2"};
        switch (random_() % 19) {
        case 0: co_await images_.view_image(fixture::portrait, {.fields = "id,width"}); break;
        case 1: co_await images_.list_user_images("self"); break;
        case 2: co_await images_.list_ad_images(fixture::shop_ad); break;
        case 3: co_await images_.list_temp_images({.guest_key = "soak"}); break;
        case 4: co_await images_.get_user_images_list_data("self"); break;
        case 5: co_await images_.get_ad_images_list_data(fixture::shop_ad); break;
        case 6: co_await images_.reorder_profile_images("self", portrait); break;
        case 7: co_await images_.reorder_ad_images(fixture::shop_ad, of_ad); break;
        case 8: co_await read(images_.get_image_content(any_content())); break;
        case 9: co_await read(images_.get_image_content_by_id(any_content())); break;
        case 10: {
            auto picture = co_await images_.get_image_content_deprecated(
                image_kind::profile, fixture::portrait_key, {.width = 16});
            co_await picture.read_all(1'000'000);
            break;
        }
        case 11: co_await drop(images_.get_image_content(any_content())); break;
        case 12: co_await keep(images_.upload_temp_image(any_source())); break;
        case 13:
            co_await keep(
                images_.upload_user_image("self", any_source(), {.kind = user_image_kind::custom}));
            break;
        case 14: co_await keep(images_.upload_ad_image(fixture::simple_ad, any_source())); break;
        case 15:
            co_await keep(images_.upload_contact_info_image(fixture::contact_info, any_source()));
            break;
        case 16: co_await upload_file(); break;
        case 17: co_await save(images_.get_image_content(any_content())); break;
        default:
            co_await keep(
                images_.upload_contact_info_image_deprecated(fixture::contact_info, any_source()));
        }
    }

    /// The id of a random content.
    std::string any_content()
    {
        content_ = static_cast<std::size_t>(random_() % load_sizes.size());
        return test::load_content_id(content_);
    }

    test::pattern_source any_source()
    {
        content_ = static_cast<std::size_t>(random_() % load_sizes.size());
        return test::load_source(content_, random_() % 2 != 0);
    }

    asio::awaitable<void> upload_file()
    {
        const auto stored =
            co_await images_.upload_temp_image(file_source{environment_.random_file(random_)});
        const auto found = server_.store().find_image(stored.id);
        if (found && found->content.size() != faulty_environment::file_size) {
            counts_.wrong("a file that was stored with another size");
        }
    }

    /// Saves a content to a file.
    asio::awaitable<void> save(asio::awaitable<image_content> operation)
    {
        const std::size_t size = load_sizes[content_];
        auto content = co_await std::move(operation);
        const auto target = environment_.folder() /
                            ("saved by " + std::to_string(reinterpret_cast<std::uintptr_t>(this)));
        co_await content.save_to(target);
        if (std::filesystem::file_size(target) != size) {
            counts_.wrong("a content that was saved with another size");
        }
        std::filesystem::remove(target);
    }

    /// Reads a content to its end.
    asio::awaitable<void> read(asio::awaitable<image_content> operation)
    {
        const std::size_t n = content_;
        auto content = co_await std::move(operation);
        const auto block_size = 1 + static_cast<std::size_t>(random_() % 50'000);
        if (!co_await test::read_load_content(std::move(content), n, block_size)) {
            counts_.wrong("a content with wrong bytes");
        }
    }

    /// Reads a part of a content, or nothing, and destroys it.
    asio::awaitable<void> drop(asio::awaitable<image_content> operation)
    {
        auto content = co_await std::move(operation);
        std::array<char, 1000> block;
        if (random_() % 2 == 0) {
            co_await content.read_some(asio::buffer(block));
        }
    }

    /// Uploads, checks the stored image, and deletes it.
    asio::awaitable<void> keep(asio::awaitable<uploaded_image> operation)
    {
        const std::size_t size = load_sizes[content_];
        const auto stored = co_await std::move(operation);
        // It may be missing: the number of temporary images is limited, and sometimes all are
        // removed.
        const auto found = server_.store().find_image(stored.id);
        if (found && found->content.size() != size) {
            counts_.wrong("an upload that was stored with another size");
        }
        try {
            co_await images_.delete_image(stored.id);
        }
        catch (const not_found&) {
            // an earlier attempt or the clean-up has deleted it
        }
    }

    images_api images_;
    sandbox::server& server_;
    const faulty_environment& environment_;
    counts& counts_;
    const client* owner_;
    std::mt19937_64 random_;
    std::size_t content_ = 0;
};

class soak
{
public:
    soak(const options& o, std::ostream& out)
        : options_(o)
        , out_(out)
        , server_(server_options())
        , demanding_server_({.client_certificate = sandbox::client_certificate::required})
        , environment_(server_.port())
    {
        test::add_load_contents(server_);
        for (const char* const id : {"ad-1", "ad-2"}) {
            server_.store().add_image(
                {.id = id, .kind = "marketplace", .subject = fixture::shop_ad});
        }
    }

    bool run()
    {
        const std::size_t descriptors = open_descriptors();
        out_ << "seed " << options_.seed << ", " << descriptors << " descriptors at the beginning"
             << std::endl;
        {
            asio::io_context context;
            auto guard = asio::make_work_guard(context);
            std::vector<std::jthread> threads;
            for (int n = 0; n < 2; ++n) {
                threads.emplace_back([&] { context.run(); });
            }
            std::vector<subject> clients = make_clients(context);
            soak_clients(context, clients);
            end(clients);
            clients.clear();
            guard.reset();
        }
        environment_.heal();
        server_.close_all(); // a frozen connection does not notice the end of the client
        require_soon("the connections of the server have ended",
                     [&] { return server_.statistics().open == 0; });
        for (const auto& each : std::filesystem::directory_iterator(environment_.folder())) {
            const auto path = each.path();
            require_soon("no partial file is left of a failed download", [&] {
                return path.extension() != ".part" || !std::filesystem::exists(path);
            });
        }
        const auto& met = environment_.count();
        out_ << "met: " << met.files << " files that hung, " << met.names << " look-ups that hung, "
             << met.connections << " faults of the network" << std::endl;
        if (options_.duration >= 60s) { // a short run may be too slow for all of them
            require(met.files > 0 && met.names > 0 && met.connections > 0,
                    "each of the failures was met");
        }
        require_soon("as many descriptors as at the beginning",
                     [&] { return open_descriptors() == descriptors; });
        for (const auto& each : counts_.all_wrong()) {
            require(false, each);
        }
        out_ << counts_.total() << " operations in all; " << (good_ ? "all in order" : "FAILED")
             << std::endl;
        return good_;
    }

private:
    static sandbox::options server_options()
    {
        sandbox::options result = test::load_server_options();
        result.max_images = 1'000'000;
        result.max_temp_images = 200;
        result.kept_requests = 16;
        result.digest = false;
        result.max_bad_logins = 1'000'000'000; // the 401 of a server fault must not block the user
        result.max_bad_logins_per_address = 1'000'000'000;
        return result;
    }

    /** One with retries, and one with short-lived connections, both through the faulty network; one
        with shards; one whose credentials provider hangs; one whose server requires a client
        certificate and rejects it after the handshake.
    */
    std::vector<subject> make_clients(asio::io_context& context)
    {
        const auto impatient = [](config& c) {
            c.timeouts.resolve = 500ms;
            c.timeouts.connect = 1s;
            c.timeouts.handshake = 1s;
            c.timeouts.response_header = 500ms;
            c.timeouts.inactivity = 500ms;
            c.timeouts.total = 5s;
        };
        std::vector<subject> result;
        const auto add = [&](bool failing_network, const test::adjustment& adjust) {
            auto settings = test::config_for(server_, test::demo(), impatient);
            if (failing_network) {
                settings.base_url = environment_.url();
            }
            adjust(settings);
            result.push_back({std::make_unique<client>(context, settings), options_.concurrency,
                              failing_network});
        };
        add(true, [](config& c) {
            c.retry.max_retries = 3;
            c.retry.base_delay = 20ms;
            c.pool.max_connections = 16;
        });
        add(false, [](config& c) {
            c.shards = 2;
            c.pool.max_connections = 64;
            c.pool.min_connections = 4;
        });
        add(true, [](config& c) {
            c.pool.max_requests = 20;
            c.pool.max_age = 2s;
            c.pool.idle_timeout = 100ms;
            c.pool.max_pending_acquires = 26; // some are rejected
            c.pool.max_connections = 20;
        });
        add(false, [](config& c) {
            c.timeouts.provider = 200ms;
            c.credentials = credentials::from(
                [turn = 0](credentials_reason) mutable -> asio::awaitable<credentials> {
                    if (++turn % 3 == 0) {
                        asio::steady_timer never{co_await asio::this_coro::executor, 24h};
                        co_await never.async_wait(asio::use_awaitable);
                    }
                    co_return test::demo();
                });
        });
        add(false, [&](config& c) {
            c.base_url = demanding_server_.url();
            c.tls.ca_file = demanding_server_.ca_file();
        });
        result.back().concurrency = 2;
        return result;
    }

    void soak_clients(asio::io_context& context, const std::vector<subject>& clients)
    {
        std::mt19937_64 random{options_.seed};
        std::atomic<bool> over = false;
        std::vector<std::unique_ptr<worker>> workers;
        std::vector<std::future<void>> ends;
        for (const auto& each : clients) {
            for (unsigned n = 0; n < each.concurrency; ++n) {
                workers.push_back(
                    std::make_unique<worker>(each, server_, environment_, counts_, random()));
                ends.push_back(asio::co_spawn(asio::make_strand(context), workers.back()->run(over),
                                              asio::use_future));
            }
        }

        const auto begin = clock::now();
        auto next_line = begin + options_.line;
        auto next_outage = begin + options_.outage_interval / 2;
        bool down = false;
        unsigned server_faults = 0;
        while (clock::now() < begin + options_.duration) {
            std::this_thread::sleep_for(options_.server_fault_duration);
            change_server_fault(server_, random);
            if (down && clock::now() >= next_outage + options_.outage_duration) {
                end_outage(clients);
                next_outage += options_.outage_interval;
                down = false;
            }
            else if (!down && clock::now() >= next_outage) {
                environment_.take_server_down();
                down = true;
            }
            else if (!down && ++server_faults % 4 == 0) {
                environment_.change(random);
            }
            if (baseline_ == 0 && clock::now() >= begin + options_.warm_up) {
                baseline_ = resident_memory();
            }
            if (clock::now() >= next_line) {
                clean_up();
                print(clock::now() - begin, clients);
                next_line += options_.line;
            }
        }
        server_.clear_misbehaviours();
        server_.pause_accepting(false);
        environment_.heal();
        over = true;
        for (auto& each : ends) {
            if (each.wait_for(60s) != std::future_status::ready) {
                out_ << "an operation does not end" << std::endl;
                std::abort(); // objects that it refers to must not be destroyed
            }
            each.get();
        }
        print(clock::now() - begin, clients);
    }

    void end_outage(const std::vector<subject>& clients)
    {
        server_.clear_misbehaviours();
        server_.pause_accepting(false);
        std::map<const client*, std::uint64_t> before;
        for (const auto& each : clients) {
            before[each.tested.get()] = counts_.successes_of(each.tested.get());
        }
        environment_.heal();
        for (const auto& each : clients) {
            if (each.failing_network) {
                const client* const waiting = each.tested.get();
                require_soon("operations succeed when the server is back",
                             [&] { return counts_.successes_of(waiting) > before[waiting]; });
            }
        }
    }

    /// Removes images of failed uploads and deletions, which would look like a leak.
    void clean_up()
    {
        remove(server_.store().user_images(fixture::demo_id, "userCustom"));
        remove(server_.store().advertisement_images(fixture::simple_ad));
        remove(server_.store().contact_info_images(fixture::contact_info));
    }

    void remove(const std::vector<sandbox::image>& images)
    {
        for (const auto& each : images) {
            server_.store().remove_image(each.id);
        }
    }

    static cyclos::pool_stats stats_of(client& source)
    {
        return asio::co_spawn(source.get_executor(), source.stats(), asio::use_future).get();
    }

    static cyclos::pool_stats stats_of(const std::vector<subject>& clients)
    {
        cyclos::pool_stats all;
        for (const auto& each : clients) {
            all += stats_of(*each.tested);
        }
        return all;
    }

    void print(clock::duration since, const std::vector<subject>& clients)
    {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
        const auto pool = stats_of(clients);
        const std::size_t memory = resident_memory();
        out_ << std::setw(3) << seconds / 60 << ':' << std::setw(2) << std::setfill('0')
             << seconds % 60 << std::setfill(' ') << "  " << counts_.take() << "; " << memory
             << " KiB resident, " << open_descriptors()
             << " descriptors; pools: " << pool.connecting << " connecting, " << pool.idle
             << " idle, " << pool.in_use << " in use, " << pool.waiting << " waiting, "
             << pool.opened << " opened" << std::endl;
        if (baseline_ > 0) {
            require(memory <= baseline_ + options_.growth,
                    "resident memory stays within its bound");
        }
    }

    /// Closes the clients: nothing may be in flight.
    void end(const std::vector<subject>& clients)
    {
        require_soon("no connection is in use", [&] {
            const auto pool = stats_of(clients);
            return pool.in_use == 0 && pool.waiting == 0;
        });
        for (const auto& each : clients) {
            asio::co_spawn(each.tested->get_executor(), each.tested->close(10s), asio::use_future)
                .get();
        }
        require_soon("the pools are empty", [&] {
            const auto pool = stats_of(clients);
            return pool.connecting + pool.idle + pool.in_use + pool.waiting == 0;
        });
    }

    template <class Condition>
    void require_soon(const std::string& expectation, Condition condition)
    {
        try {
            test::await(expectation, condition);
        }
        catch (const std::runtime_error&) {
            require(false, expectation);
        }
    }

    void require(bool holds, const std::string& expectation)
    {
        if (!holds) {
            out_ << "FAILED: " << expectation << std::endl;
            good_ = false;
        }
    }

    options options_;
    std::ostream& out_;
    sandbox::server server_;
    sandbox::server demanding_server_;
    faulty_environment environment_;
    counts counts_;
    std::size_t baseline_ = 0;
    bool good_ = true;
};

} // namespace

bool run(const options& o, std::ostream& out)
{
    return soak{o, out}.run();
}

} // namespace cyclos::soak

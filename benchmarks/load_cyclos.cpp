//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Loads a server through this library.

#include "load_budget.hpp"
#include "load_options.hpp"
#include "load_report.hpp"

#include <cyclos/images.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;

/// Bytes out of nothing: an upload costs no disk.
class pattern_source final : public cyclos::body_source
{
public:
    explicit pattern_source(std::uint64_t size)
        : left_(size)
        , length_(size)
    {}

    asio::awaitable<void> open() override { co_return; }
    std::optional<std::uint64_t> length() const override { return length_; }
    std::string file_name() const override { return "load.png"; }
    std::string media_type() const override { return "image/png"; }

    asio::awaitable<std::size_t> read_some(asio::mutable_buffer target) override
    {
        const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(left_, target.size()));
        left_ -= bytes;
        co_return bytes; // whatever stands in the buffer will do
    }

private:
    std::uint64_t left_;
    std::uint64_t length_;
};

class load_run
{
public:
    load_run(cyclos::client& client, const load::options& o, load::report& r, load::budget& b)
        : images_(client)
        , options_(o)
        , report_(r)
        , budget_(b)
    {}

    /// One of the requests that are in flight, again and again.
    asio::awaitable<void> worker()
    {
        std::vector<char> block; // of those that download only: others wait in thousands, to show what that takes
        while (budget_.take()) {
            const auto begin = load::report::clock::now();
            std::uint64_t bytes = 0;
            bool failed = false;
            try {
                bytes = co_await one(block);
            }
            catch (const cyclos::error& e) {
                failed = true;
                if (!complained_.exchange(true)) {
                    std::cerr << "load-cyclos: " << e.what() << '\n';
                }
            }
            const auto latency = load::report::clock::now() - begin;
            const std::lock_guard lock{mutex_};
            if (failed) {
                report_.add_error();
            }
            else {
                report_.add(latency, bytes);
            }
        }
    }

private:
    // A coroutine for each, so that none is larger than what it does.
    asio::awaitable<std::uint64_t> one(std::vector<char>& block)
    {
        switch (options_.operation) {
        case load::operation::view_image: return view();
        case load::operation::get_image_content: return download(block);
        case load::operation::upload_temp_image: break;
        }
        return options_.file.empty() ? upload(pattern_source{options_.size})
                                     : upload(cyclos::file_source(options_.file, "load.png", "image/png"));
    }

    asio::awaitable<std::uint64_t> view()
    {
        const auto details = co_await images_.view_image(options_.id);
        co_return details.length.value_or(0) > 0 ? 1 : 0;
    }

    asio::awaitable<std::uint64_t> download(std::vector<char>& block)
    {
        auto content = co_await images_.get_image_content(options_.id);
        block.resize(128 * 1024);
        std::uint64_t total = 0;
        while (const std::size_t bytes = co_await content.read_some(asio::buffer(block))) {
            total += bytes;
        }
        co_return total;
    }

    asio::awaitable<std::uint64_t> upload(cyclos::source what)
    {
        co_await images_.upload_temp_image(std::move(what));
        co_return options_.size;
    }

    cyclos::images_api images_;
    const load::options& options_;
    load::report& report_;
    load::budget& budget_;
    std::mutex mutex_;
    std::atomic<bool> complained_ = false;
};

void run_workers(asio::io_context& context, cyclos::client& client, load_run& run, const load::options& o)
{
    // Idle connections are watched, which keeps the context going: the last worker ends it.
    std::atomic<std::size_t> working = o.concurrency;
    const auto done = [&](const std::exception_ptr& failure) {
        if (failure) {
            std::rethrow_exception(failure);
        }
        if (--working == 0) {
            context.stop();
        }
    };
    for (std::size_t n = 0; n < o.concurrency; ++n) {
        // On the client's own executor a call takes no detour; with several threads, each call goes to a shard.
        if (o.threads == 1) {
            asio::co_spawn(client.get_executor(), run.worker(), done);
        }
        else {
            asio::co_spawn(asio::make_strand(context), run.worker(), done);
        }
    }
    context.restart();
    std::vector<std::jthread> threads;
    for (unsigned n = 1; n < o.threads; ++n) {
        threads.emplace_back([&] { context.run(); });
    }
    context.run();
}

} // namespace

int main(int argc, char** argv)
{
    const load::options o = load::parse(argc, argv, "load-cyclos");
    try {
        cyclos::config config{o.url};
        if (!o.username.empty()) {
            config.credentials = cyclos::credentials::basic(o.username, o.password);
        }
        config.tls.ca_file = o.ca_file;
        config.pool.max_connections = o.connections;
        config.pool.max_requests = o.cold ? 1 : 0;
        config.serial_executor = o.threads == 1;
        config.shards = o.threads;

        asio::io_context context{static_cast<int>(o.threads)};
        cyclos::client client{context, std::move(config)};
        load::report report{o};
        load::budget budget;
        load_run run{client, o, report, budget};
        if (o.warmup > 0) {
            budget.limit(o.warmup, 0);
            run_workers(context, client, run, o);
        }
        report.begin();
        budget.limit(o.requests, o.duration);
        run_workers(context, client, run, o);
        report.end();

        cyclos::net::pool_stats pool;
        asio::co_spawn(client.get_executor(), client.stats(), [&](std::exception_ptr, cyclos::net::pool_stats stats) {
            pool = stats;
            context.stop();
        });
        context.restart();
        context.run();
        std::cout << report.json("cyclos-images", pool.opened, pool.resumed) << '\n';
    }
    catch (const cyclos::error& e) {
        std::cerr << "load-cyclos: " << e.what() << '\n';
        return 1;
    }
}

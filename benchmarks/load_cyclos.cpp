//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Load generator for this library.

#include "load_budget.hpp"
#include "load_options.hpp"
#include "load_report.hpp"

#include <cyclos/images.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <iostream>
#include <mutex>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;

/// A source of arbitrary bytes: an upload reads no disk.
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
        co_return bytes; // any content of the buffer will do
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

    /// One of the concurrent requests, in a loop. Each operation has its own coroutine: thousands
    /// wait at the same time, to measure what that costs.
    asio::awaitable<void> worker()
    {
        switch (options_.operation) {
        case load::operation::view_image: return view();
        case load::operation::get_image_content: return download();
        case load::operation::upload_temp_image: break;
        }
        return upload();
    }

private:
    /// Counts the result of a request.
    class measurement
    {
    public:
        explicit measurement(load_run& run)
            : run_(run)
        {}

        void succeeded(std::uint64_t bytes)
        {
            const auto latency = load::report::clock::now() - begin_;
            const std::lock_guard lock{run_.mutex_};
            run_.report_.add(latency, bytes);
        }

        void failed(const cyclos::error& failure)
        {
            if (!run_.complained_.exchange(true)) {
                std::cerr << "load-cyclos: " << failure.what() << '\n';
            }
            const std::lock_guard lock{run_.mutex_};
            run_.report_.add_error();
        }

    private:
        load_run& run_;
        load::report::clock::time_point begin_ = load::report::clock::now();
    };

    asio::awaitable<void> view()
    {
        while (budget_.take()) {
            measurement request{*this};
            try {
                const auto details = co_await images_.view_image(options_.id);
                request.succeeded(details.length.value_or(0) > 0 ? 1 : 0);
            }
            catch (const cyclos::error& e) {
                request.failed(e);
            }
        }
    }

    asio::awaitable<void> download()
    {
        std::vector<char> block(128 * 1024);
        while (budget_.take()) {
            measurement request{*this};
            try {
                auto content = co_await images_.get_image_content(options_.id);
                std::uint64_t total = 0;
                while (const std::size_t bytes = co_await content.read_some(asio::buffer(block))) {
                    total += bytes;
                }
                request.succeeded(total);
            }
            catch (const cyclos::error& e) {
                request.failed(e);
            }
        }
    }

    asio::awaitable<void> upload()
    {
        while (budget_.take()) {
            measurement request{*this};
            try {
                auto source = options_.file.empty()
                                  ? cyclos::source{pattern_source{options_.size}}
                                  : cyclos::file_source(options_.file, "load.png", "image/png");
                co_await images_.upload_temp_image(std::move(source));
                request.succeeded(options_.size);
            }
            catch (const cyclos::error& e) {
                request.failed(e);
            }
        }
    }

    cyclos::images_api images_;
    const load::options& options_;
    load::report& report_;
    load::budget& budget_;
    std::mutex mutex_;
    std::atomic<bool> complained_ = false;
};

void run_workers(asio::io_context& context, cyclos::client& client, load_run& run,
                 const load::options& o)
{
    // Idle connections are watched, which keeps the context running: the last worker stops it.
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
        asio::co_spawn(client.shard_executor(n), run.worker(),
                       done); // the direct way to call
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

        cyclos::pool_stats pool;
        asio::co_spawn(client.get_executor(), client.stats(),
                       [&](std::exception_ptr, cyclos::pool_stats stats) {
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

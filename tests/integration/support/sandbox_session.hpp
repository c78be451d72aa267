//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_SANDBOX_SESSION_HPP
#define CYCLOS_TESTS_SANDBOX_SESSION_HPP

#include "integration/support/run_one_for.hpp"

#include <cyclos/images.hpp>
#include <cyclos/sandbox/pattern.hpp>
#include <cyclos/sandbox/server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <openssl/evp.h>

#include <array>
#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cyclos::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// The facts of an error, compared together.
struct failure
{
    error_code code = {};
    cyclos::phase phase = cyclos::phase::preparing;
    sent_state sent = sent_state::none;
    unsigned attempts = 1;

    friend bool operator==(const failure&, const failure&) = default;

    friend std::ostream& operator<<(std::ostream& out, const failure& f)
    {
        return out << f.code << " (" << f.code.message() << ") while " << to_string(f.phase)
                   << ", sent " << to_string(f.sent) << ", attempts " << f.attempts;
    }
};

/// The failure of an operation. Throws if it succeeded.
template <class T>
failure failure_of(const result<T>& outcome)
{
    const cyclos::error& e = outcome.error();
    return {e.code(), e.phase(), e.sent(), e.attempts()};
}

/// Spawns a coroutine. It is compiled once, as spawning each type in each test takes long to
/// compile.
void spawn(const asio::any_io_executor& executor, asio::awaitable<void> work);

/// Awaits an operation, and passes its result to the promise.
template <class T>
asio::awaitable<void> fulfil(asio::awaitable<T> operation, std::shared_ptr<std::promise<T>> promise)
{
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(operation);
            promise->set_value();
        }
        else {
            promise->set_value(co_await std::move(operation));
        }
    }
    catch (...) {
        promise->set_exception(std::current_exception());
    }
}

/** An io_context that the test runs itself, so that client and test share one thread. A wait ends
    as soon as its condition is true, and throws if that takes far too long.
*/
class test_context
{
public:
    asio::io_context& context() noexcept { return context_; }

    template <class Condition>
    void until(Condition condition, std::chrono::steady_clock::duration limit = 30s)
    {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error("the awaited condition was not met in time");
            }
            run_one_for(context_, 2ms);
        }
    }

    /// Waits for the result of a started operation.
    template <class T>
    T get(std::future<T> future)
    {
        until([&] { return future.wait_for(0s) == std::future_status::ready; });
        return future.get();
    }

private:
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
};

/// A client, on the thread of the test.
class client_session : public test_context
{
public:
    explicit client_session(const cyclos::config& settings)
        : client(context(), settings)
        , images(client)
    {}

    /// Starts an operation.
    template <class T>
    std::future<T> start(asio::awaitable<T> operation)
    {
        auto promise = std::make_shared<std::promise<T>>();
        auto future = promise->get_future();
        spawn(client.get_executor(), fulfil(std::move(operation), std::move(promise)));
        return future;
    }

    /// Runs an operation, and returns its result.
    template <class T>
    T run(asio::awaitable<T> operation)
    {
        return get(start(std::move(operation)));
    }

    /// Runs an operation, and returns its result or error.
    template <class T>
    result<T> attempt(asio::awaitable<T> operation)
    {
        return run(as_result(std::move(operation)));
    }

    cyclos::pool_stats stats() { return run(client.stats()); }

    cyclos::client client;
    images_api images;
};

/// Changes to the configuration of a client.
using adjustment = std::function<void(cyclos::config&)>;

/// The configuration of a client of the embedded server.
inline config config_for(const sandbox::server& server, cyclos::credentials used,
                         const adjustment& adjust = {})
{
    config settings{server.url(), std::move(used)};
    settings.tls.use_system_ca = false;
    settings.tls.ca_file = server.ca_file();
    if (adjust) {
        adjust(settings);
    }
    return settings;
}

/// The user that owns the default images.
inline cyclos::credentials demo()
{
    return cyclos::credentials::basic("demo", "demo");
}

namespace detail {

// A base class, so that the server is constructed before the client and destroyed after it.
struct server_holder
{
    explicit server_holder(sandbox::options options)
        : server(for_any_size(std::move(options)))
    {}

    /// Tests upload the pattern, so that contents need not fit into memory.
    static sandbox::options for_any_size(sandbox::options options)
    {
        options.replace_with_pattern = true;
        return options;
    }

    sandbox::server server;
};

} // namespace detail

/// An embedded server and a client of it.
class sandbox_session : private detail::server_holder, public client_session
{
public:
    explicit sandbox_session(const sandbox::options& options = {}, const adjustment& adjust = {})
        : sandbox_session(options, demo(), adjust)
    {}

    sandbox_session(const sandbox::options& options, cyclos::credentials used,
                    const adjustment& adjust = {})
        : server_holder(options)
        , client_session(config_for(server_holder::server, std::move(used), adjust))
    {}

    using server_holder::server;

    /// The last request that the server received.
    sandbox::request_record last_request()
    {
        const auto all = server.requests();
        if (all.empty()) {
            throw std::runtime_error("the server has seen no request");
        }
        return all.back();
    }
};

/// The default contents of the server.
namespace fixture {

inline constexpr char demo_id[] = "7762070814178012479";
inline constexpr char viewer_id[] = "-4611686018427387904";
inline constexpr char simple_ad[] = "7762070814178013001";
inline constexpr char shop_ad[] = "7762070814178013002";
inline constexpr char contact_info[] = "7762070814178014001";
inline constexpr char portrait[] = "7762070814178015001";
inline constexpr char portrait_key[] = "demo-portrait.png";
inline constexpr char logo[] = "-7762070814178015002";

} // namespace fixture

/// Pseudo-random bytes.
inline std::string pattern(std::size_t size)
{
    std::string bytes(size, '\0');
    sandbox::fill_pattern(0, std::span<char>{bytes});
    return bytes;
}

/// Lower-case hexadecimal.
inline std::string sha256(std::string_view bytes)
{
    std::array<unsigned char, 32> digest{};
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    std::string text;
    for (const unsigned char byte : digest) {
        text += "0123456789abcdef"[byte >> 4U];
        text += "0123456789abcdef"[byte & 15U];
    }
    return text;
}

} // namespace cyclos::test

#endif // CYCLOS_TESTS_SANDBOX_SESSION_HPP

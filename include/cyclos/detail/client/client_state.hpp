//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_CLIENT_STATE_HPP
#define CYCLOS_DETAIL_CLIENT_CLIENT_STATE_HPP

#include <cyclos/config.hpp>
#include <cyclos/detail/base/on_strand.hpp>
#include <cyclos/detail/client/operation.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/exchange_settings.hpp>
#include <cyclos/detail/http/exchange_state.hpp>
#include <cyclos/detail/http/response/response.hpp>
#include <cyclos/detail/net/connection_quota.hpp>
#include <cyclos/detail/net/pool.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// What a client and its operations share: the configuration, the shards, and the users.
//
// A shard is a pool of connections on a strand of its own. All shards share one connection quota,
// so shards are for CPU, not for capacity. An operation runs on one shard, from its credentials to
// the end of its response:
//
//   fetch(), open()       on the caller's executor: throw the error of a bad argument, select a
//                         shard, and continue on its strand
//   send()                a loop: get the credentials, send, return a success or handle the failure
//   send_once()           one http::exchange(), with its stale connections and configured retries
//   handle_failure_status()  follow a redirect, or refresh the credentials, or throw an api_error
//
// Threads: fetch(), open(), settings() and the other accessors may be used anywhere. send() and
// everything below it run on the strand of the operation's shard, in coroutines whose awaits do not
// throw on cancellation. The quota, the retry budget and the authenticator are thread-safe; a pool
// belongs to its strand; everything else but next_shard_ is constant after construction.
//
// Lifetime: cyclos::client and each running operation share ownership. The destructor of a client
// calls abort_all(), which ends the operations with errc::client_closed.

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

class call;
class handle_context;
class identity;
class identity_registry;
class session_service;

/// A response whose body has not been read yet, and the shard that reads it.
class open_response
{
public:
    http::response response;
    std::shared_ptr<net::pool> shard;
};

/// What a client and its operations share.
class client_state : public std::enable_shared_from_this<client_state>
{
public:
    CYCLOS_DECL client_state(boost::asio::any_io_executor executor, config settings);

    const config& settings() const noexcept { return settings_; }
    const std::string& path() const noexcept { return base_.path; }
    const origin& server() const noexcept { return base_.origin; }
    /// The executor of the first shard.
    const boost::asio::any_io_executor& executor() const noexcept
    {
        return shards_.front()->executor();
    }

    /// The pools, each on a strand of its own.
    const std::vector<std::shared_ptr<net::pool>>& shards() const noexcept { return shards_; }

    /// The connection quota of all shards.
    const std::shared_ptr<net::connection_quota>& quota() const noexcept { return quota_; }

    /// The header fields of every request that do not depend on the operation.
    CYCLOS_DECL const std::string& common_fields(const handle_context* context) const noexcept;

    /** Sends an operation and reads its whole response. May be awaited on any executor.

        @param transform Makes the result from the response; see @ref on_strand. It must keep the
        client_state alive. */
    template <class Transform>
    auto fetch(operation&& op, Transform transform)
    {
        return on_shard(&client_state::send_and_read, std::move(op), std::move(transform));
    }

    /// The same as fetch(), but the body of the response is left to be read.
    template <class Transform>
    auto open(operation&& op, Transform transform)
    {
        return on_shard(&client_state::send_and_open, std::move(op), std::move(transform));
    }

    /// Requests the rest of a content on the shard that has read its beginning. Must be awaited on
    /// that shard's strand. There is one attempt: the download decides on others.
    boost::asio::awaitable<open_response> open_on(std::shared_ptr<net::pool> shard, operation op)
    {
        return send_and_open(std::move(shard), std::move(op));
    }

    /// The settings of every exchange, and the retry budget.
    http::exchange_settings& exchange_settings() const noexcept { return *exchange_settings_; }

    /// The users of the client that are in use.
    identity_registry& identities() const noexcept { return *identities_; }

    /// Ends the session of a user, if there is one. Must be awaited on the executor of the first
    /// shard.
    CYCLOS_DECL boost::asio::awaitable<void> log_out(std::shared_ptr<const handle_context> context);

    /// Ends the sessions of all users that asked for it. Must be awaited on the executor of the
    /// first shard, when the shards are closed.
    CYCLOS_DECL boost::asio::awaitable<void> log_out_all(http::exchange_state::time_point end);

    /// Ends all operations with errc::client_closed.
    CYCLOS_DECL void abort_all();

    /// Replaces the TLS settings of new connections, on all shards. May be called on any thread.
    CYCLOS_DECL void set_tls(const tls_config& settings);

private:
    /// The shard that the caller runs on, or the next one in turn; if that one is full, a shard
    /// that has an idle connection.
    CYCLOS_DECL const std::shared_ptr<net::pool>&
    select_shard(const boost::asio::any_io_executor& caller);

    /// Sends an operation, and reads the header section of its response. Throws an api_error for a
    /// status that is not a success. Runs on the strand of the shard.
    CYCLOS_DECL boost::asio::awaitable<http::response> send(std::shared_ptr<net::pool> shard,
                                                            operation op);

    CYCLOS_DECL boost::asio::awaitable<http::response> send_once(net::pool& shard, call& current);

    /// Returns if the request is to be sent again, and throws an api_error otherwise.
    CYCLOS_DECL boost::asio::awaitable<void> handle_failure_status(http::response& response,
                                                                   call& current);

    /// The user of an operation.
    CYCLOS_DECL identity& user_of(const std::shared_ptr<const handle_context>& context) const;

    /// Waits for the authenticator of the user, and reports a failure to the event hook.
    CYCLOS_DECL boost::asio::awaitable<void> acquire_credentials(net::pool& shard, call& current);

    CYCLOS_DECL boost::asio::awaitable<http::response>
    send_and_read(std::shared_ptr<net::pool> shard, operation op);

    CYCLOS_DECL boost::asio::awaitable<open_response>
    send_and_open(std::shared_ptr<net::pool> shard, operation op);

    template <class T>
    using sender = boost::asio::awaitable<T> (client_state::*)(std::shared_ptr<net::pool>,
                                                               operation);

    /// Throws when it is awaited, on any executor.
    template <class Result>
    static boost::asio::awaitable<Result> rethrow(std::exception_ptr failure)
    {
        std::rethrow_exception(std::move(failure));
        co_return Result();
    }

    template <class T, class Transform>
    auto on_shard(sender<T> send_function, operation&& op, Transform transform)
    {
        if (op.argument_error) {
            return rethrow<std::remove_cvref_t<std::invoke_result_t<Transform&, T>>>(
                std::move(op.argument_error));
        }
        if (shards_.size() > 1) {
            return on_selected_shard(send_function, std::move(op), std::move(transform));
        }
        // With one shard, the caller's executor does not matter: save the coroutine that asks for
        // it.
        const auto& shard = shards_.front();
        return on_strand(shard->executor(), (this->*send_function)(shard, std::move(op)),
                         std::move(transform));
    }

    template <class T, class Transform>
    boost::asio::awaitable<std::remove_cvref_t<std::invoke_result_t<Transform&, T>>>
    on_selected_shard(sender<T> send_function, operation op, Transform transform)
    {
        const auto shard = select_shard(co_await boost::asio::this_coro::executor);
        co_return co_await on_strand(
            shard->executor(), (this->*send_function)(shard, std::move(op)), std::move(transform));
    }

    config settings_;
    base_url base_;
    std::string common_fields_;
    std::shared_ptr<const std::string> endpoint_;
    std::shared_ptr<http::exchange_settings> exchange_settings_;
    std::shared_ptr<net::connection_quota> quota_; // of all shards
    std::vector<std::shared_ptr<net::pool>> shards_;
    std::shared_ptr<session_service> sessions_;
    std::shared_ptr<identity_registry> identities_;
    std::shared_ptr<identity> own_user_; // of the configured credentials
    std::atomic<std::size_t> next_shard_ = 0;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/client/impl/client_state.ipp>
#endif

#endif // CYCLOS_DETAIL_CLIENT_CLIENT_STATE_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_CLIENT_STATE_HPP
#define CYCLOS_IMPL_CLIENT_STATE_HPP

#include <cyclos/config.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/on_strand.hpp>
#include <cyclos/http/exchange.hpp>
#include <cyclos/http/progress.hpp>
#include <cyclos/http/request.hpp>
#include <cyclos/http/response.hpp>
#include <cyclos/net/pool.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cyclos::inline CYCLOS_ABI::detail {

class authenticator;
class identity;

/// The response by which an operation has succeeded.
enum class success {
    no_content, ///< 204, or 200 without content.
    id,         ///< 201 with an identifier.
    json,       ///< 200 with JSON.
    image,      ///< 200 with an image.
};

/// An operation that is ready to be sent, or was refused.
class operation
{
public:
    std::string_view name; ///< A literal.
    success expected = success::json;
    http::request what;
    std::exception_ptr refused;
    bool conditional = false; ///< 304 is an answer, and no error.
    bool partial = false;     ///< It goes on with a content: 206 is an answer.
    std::optional<http::progress::time_point> end =
        {}; ///< When all of it has to have ended; as configured where not set.
};

/// A response whose body is still to be read, and the shard that it is read on.
class open_response
{
public:
    http::response answer;
    std::shared_ptr<net::pool> shard;
};

/// What a client and its operations share.
class client_state : public std::enable_shared_from_this<client_state>
{
public:
    CYCLOS_DECL client_state(boost::asio::any_io_executor executor, config settings);

    const config& settings() const noexcept { return settings_; }
    const std::string& path() const noexcept { return base_.path; }
    /// The executor of the first shard.
    const boost::asio::any_io_executor& executor() const noexcept { return shards_.front()->executor(); }

    /// The pools, each on a strand of its own.
    const std::vector<std::shared_ptr<net::pool>>& shards() const noexcept { return shards_; }

    /// What the pools share.
    const std::shared_ptr<net::connection_quota>& quota() const noexcept { return quota_; }

    /// Header fields that every request has: the host, the user agent, the channel.
    const std::string& common_fields() const noexcept { return common_fields_; }

    /** Sends an operation and reads all of its response. May be awaited anywhere.

        @param then Makes the result of the response; see @ref on_strand. It has to keep the client. */
    template <class Then>
    auto fetch(operation&& what, Then then)
    {
        return on_shard(&client_state::send_for_whole, std::move(what), std::move(then));
    }

    /// Sends an operation, and leaves the body of its response to be read. The same holds.
    template <class Then>
    auto open(operation&& what, Then then)
    {
        return on_shard(&client_state::send_for_content, std::move(what), std::move(then));
    }

    /// The same for the rest of a content, on the shard that it is read on, and on its executor. One attempt is made:
    /// the caller decides on others.
    boost::asio::awaitable<open_response> open_on(std::shared_ptr<net::pool> shard, operation what)
    {
        return send_for_content(std::move(shard), std::move(what));
    }

    /// The attempts of a request, as the settings say of any.
    http::exchange_settings& exchange_settings() noexcept { return exchange_settings_; }

    /// Ends the session that the client has begun, where that was asked for. On the executor of the first shard.
    CYCLOS_DECL boost::asio::awaitable<void> log_out(http::progress::time_point end);

    /// Ends everything with errc::client_closed.
    CYCLOS_DECL void cut();

private:
    /// The shard that the caller runs on, or else the next one; if that one is full, one that has an idle connection.
    CYCLOS_DECL const std::shared_ptr<net::pool>& pick(const boost::asio::any_io_executor& here);

    /// Sends an operation, and reads the head of the response. A status that is none of success is thrown as the error
    /// that it stands for. Runs on the executor of the shard.
    CYCLOS_DECL boost::asio::awaitable<http::response> send(std::shared_ptr<net::pool> shard, operation what);

    class course;

    /// Sends the request once, and keeps it where it may have to be repeated.
    CYCLOS_DECL boost::asio::awaitable<http::response> ask(net::pool& shard, course& so_far);

    /// What follows from an answer that is none of success: the request is repeated, or this throws.
    CYCLOS_DECL boost::asio::awaitable<void> consider(http::response& answer, course& so_far);

    /// Who the client is, where that is yet to be found out.
    CYCLOS_DECL boost::asio::awaitable<std::shared_ptr<const identity>>
    identify(net::pool& shard, http::progress& state, std::shared_ptr<const identity> refused);

    CYCLOS_DECL boost::asio::awaitable<http::response> send_for_whole(std::shared_ptr<net::pool> shard, operation what);

    CYCLOS_DECL boost::asio::awaitable<open_response> send_for_content(std::shared_ptr<net::pool> shard,
                                                                       operation what);

    template <class T>
    using step = boost::asio::awaitable<T> (client_state::*)(std::shared_ptr<net::pool>, operation);

    /// Throws where it is awaited, wherever that is.
    template <class Result>
    static boost::asio::awaitable<Result> refuse(std::exception_ptr why)
    {
        std::rethrow_exception(std::move(why));
        co_return Result();
    }

    template <class T, class Then>
    auto on_shard(step<T> what, operation&& how, Then then)
    {
        if (how.refused) {
            return refuse<std::remove_cvref_t<std::invoke_result_t<Then&, T>>>(std::move(how.refused));
        }
        if (shards_.size() > 1) {
            return on_some_shard(what, std::move(how), std::move(then));
        }
        const auto& shard = shards_.front(); // no need to ask where the caller runs, in a coroutine of its own
        return on_strand(shard->executor(), (this->*what)(shard, std::move(how)), std::move(then));
    }

    template <class T, class Then>
    boost::asio::awaitable<std::remove_cvref_t<std::invoke_result_t<Then&, T>>> on_some_shard(step<T> what,
                                                                                              operation how, Then then)
    {
        const auto shard = pick(co_await boost::asio::this_coro::executor);
        co_return co_await on_strand(shard->executor(), (this->*what)(shard, std::move(how)), std::move(then));
    }

    config settings_;
    base_url base_;
    std::string common_fields_;
    std::shared_ptr<const std::string> endpoint_;
    http::exchange_settings exchange_settings_;
    std::shared_ptr<net::connection_quota> quota_; // of all shards
    std::vector<std::shared_ptr<net::pool>> shards_;
    std::shared_ptr<authenticator> authenticator_; // null where the credentials are known from the beginning
    std::atomic<std::size_t> next_shard_ = 0;
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/impl/client_state.ipp>
#endif

#endif // CYCLOS_IMPL_CLIENT_STATE_HPP

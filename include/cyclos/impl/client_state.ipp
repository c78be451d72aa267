//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_CLIENT_STATE_IPP
#define CYCLOS_IMPL_CLIENT_STATE_IPP

#include <cyclos/impl/client_state.hpp>

#include <cyclos/detail/on_strand.hpp>
#include <cyclos/error.hpp>
#include <cyclos/http/retry_after.hpp>
#include <cyclos/impl/make_api_error.hpp>
#include <cyclos/net/tls_context.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/strand.hpp>

#include <chrono>
#include <string>

namespace cyclos::detail {

// What is kept of the body of an error: its JSON is small, and a page of a proxy needs no more.
inline constexpr std::size_t error_body_limit = 64 * 1024;

inline std::shared_ptr<const net::connect_settings> connect_settings_of(const config& settings, const base_url& base)
{
    auto result = std::make_shared<net::connect_settings>();
    result->origin = base.origin;
    result->proxy = settings.proxy;
    result->timeouts = settings.timeouts;
    result->verify_host = settings.tls.verify;
    result->on_event = settings.on_event;
    if (base.origin.tls) {
        result->tls = std::make_shared<net::tls_context>(settings.tls);
    }
    return result;
}

/// The part of what is allowed in all that the n-th of some shards has.
inline pool_config share(pool_config all, std::size_t shards, std::size_t n)
{
    for (std::size_t* const limit : {&all.max_connections, &all.min_connections, &all.max_waiters}) {
        *limit = *limit / shards + (n < *limit % shards ? 1 : 0);
    }
    return all;
}

/// Whether a body is in another form than its media type says, such as compressed.
inline bool is_encoded(const header_fields& fields)
{
    for (std::size_t n = 0; n < fields.size(); ++n) {
        if (boost::beast::iequals(fields.name(n), "Content-Encoding") && !fields.value(n).empty() &&
            !boost::beast::iequals(fields.value(n), "identity")) {
            return true;
        }
    }
    return false;
}

CYCLOS_DECL client_state::client_state(boost::asio::any_io_executor executor, config settings)
    : settings_((validate(settings), std::move(settings)))
    , base_(parse_base_url(settings_.base_url))
    , endpoint_(base_.origin.to_string())
    , exchange_settings_(settings_.max_head_size, settings_.uploads, settings_.retry)
{
    common_fields_ = "Host: " + base_.origin.authority(false) + "\r\nUser-Agent: " + settings_.user_agent + "\r\n";
    if (!settings_.channel.empty()) {
        common_fields_ += "Channel: " + settings_.channel + "\r\n";
    }

    const auto connect_settings = connect_settings_of(settings_, base_);
    for (std::size_t n = 0; n < settings_.shards; ++n) {
        const pool_config limits = share(settings_.pool, settings_.shards, n);
        const boost::asio::any_io_executor own =
            settings_.serial_executor ? executor : boost::asio::any_io_executor{boost::asio::make_strand(executor)};
        shards_.push_back(std::make_shared<net::pool>(own, limits, connect_settings, settings_.max_head_size));
        if (limits.min_connections > 0) {
            boost::asio::dispatch(own, [shard = shards_.back()] { shard->start(); });
        }
    }
}

CYCLOS_DECL const std::shared_ptr<net::pool>& client_state::pick(const boost::asio::any_io_executor& here)
{
    if (shards_.size() == 1) {
        return shards_.front();
    }
    for (const auto& shard : shards_) {
        if (shard->executor() == here) {
            return shard;
        }
    }
    return shards_[next_shard_.fetch_add(1, std::memory_order_relaxed) % shards_.size()];
}

CYCLOS_DECL boost::asio::awaitable<http::response> client_state::send(std::shared_ptr<net::pool> shard, operation what,
                                                                      std::optional<std::uint64_t> whole)
{
    http::progress state;
    state.operation = what.name;
    state.endpoint = endpoint_;
    if (what.end) {
        state.end = *what.end;
    }
    else if (settings_.timeouts.total.count() > 0) {
        state.end = http::progress::time_point::clock::now() + settings_.timeouts.total;
    }
    what.what.fields += settings_.credentials.header_field();
    const bool conditional = what.conditional;

    http::response answer =
        co_await http::exchange(std::move(shard), std::move(what.what), std::move(state), exchange_settings_, whole);
    if (answer.status() / 100 == 2 || (conditional && answer.status() == 304)) {
        co_return answer;
    }
    const std::string body = co_await answer.read_excerpt(error_body_limit);
    answer.ignore_rest();
    error_response told;
    told.status = answer.status();
    told.content_type = answer.fields()["Content-Type"];
    told.body = body;
    told.retry_after = http::parse_retry_after(answer.fields()["Retry-After"], std::chrono::system_clock::now());
    std::rethrow_exception(make_api_error(told, answer.state().context()));
}

CYCLOS_DECL boost::asio::awaitable<whole_response> client_state::send_and_read(std::shared_ptr<net::pool> shard,
                                                                               operation what)
{
    http::response answer = co_await send(std::move(shard), std::move(what), settings_.max_json_size);
    whole_response result;
    result.body = std::move(answer.whole_body());
    result.location = answer.fields()["Location"];
    result.where = answer.state().context();
    result.where.phase = phase::decoding;
    co_return result;
}

CYCLOS_DECL boost::asio::awaitable<http::response> client_state::send_for_content(std::shared_ptr<net::pool> shard,
                                                                                  operation what)
{
    const bool partial = what.partial;
    http::response answer = co_await send(std::move(shard), std::move(what), std::nullopt);
    // Who reads it takes the bytes for the image: neither a part of it nor an encoded form, which nobody asked for.
    const bool expected = answer.status() == 200 || answer.status() == 203 || answer.status() == 304 ||
                          (partial && answer.status() == 206);
    if (!expected) {
        answer.refuse("the status " + std::to_string(answer.status()) + ", which is not that of a whole content");
    }
    if (is_encoded(answer.fields())) {
        answer.refuse("the content is encoded, which was not asked for");
    }
    co_return answer;
}

CYCLOS_DECL boost::asio::awaitable<whole_response> client_state::fetch(operation what)
{
    const auto self = shared_from_this();
    if (what.refused) {
        std::rethrow_exception(what.refused);
    }
    const auto shard = pick(co_await boost::asio::this_coro::executor);
    co_return co_await on_strand(shard->executor(), send_and_read(shard, std::move(what)));
}

CYCLOS_DECL boost::asio::awaitable<open_response> client_state::open(operation what)
{
    const auto self = shared_from_this();
    if (what.refused) {
        std::rethrow_exception(what.refused);
    }
    const auto shard = pick(co_await boost::asio::this_coro::executor);
    open_response result;
    result.executor = shard->executor();
    result.answer = co_await on_strand(shard->executor(), send_for_content(shard, std::move(what)));
    co_return result;
}

CYCLOS_DECL void client_state::cut()
{
    for (const auto& shard : shards_) {
        boost::asio::dispatch(shard->executor(), [shard] { shard->cut(); });
    }
}

} // namespace cyclos::detail

#endif // CYCLOS_IMPL_CLIENT_STATE_IPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_IMPL_CLIENT_STATE_IPP
#define CYCLOS_DETAIL_CLIENT_IMPL_CLIENT_STATE_IPP

#include <cyclos/detail/client/client_state.hpp>

#include <cyclos/api_error.hpp>
#include <cyclos/detail/base/file_work.hpp>
#include <cyclos/detail/client/authenticator.hpp>
#include <cyclos/detail/client/call.hpp>
#include <cyclos/detail/client/handle_context.hpp>
#include <cyclos/detail/client/identity.hpp>
#include <cyclos/detail/client/login.hpp>
#include <cyclos/detail/client/logout.hpp>
#include <cyclos/detail/client/make_api_error.hpp>
#include <cyclos/detail/client/redirect.hpp>
#include <cyclos/detail/http/exchange.hpp>
#include <cyclos/detail/net/tls_context.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

// At most this much of an error body is kept: its JSON is small, and an HTML page of a proxy is not
// needed as a whole.
inline constexpr std::size_t error_body_limit = 64 * 1024;

/// The TLS settings for the connection to a proxy: the client certificate and the pins are for the
/// server.
inline tls_config for_proxy(tls_config settings)
{
    settings.pinned_public_keys.clear();
    settings.certificate_file.clear();
    settings.certificate_pem.clear();
    settings.private_key_file.clear();
    settings.private_key_pem = {};
    settings.private_key_password = {};
    return settings;
}

inline std::shared_ptr<const net::connect_settings> connect_settings_of(const config& settings,
                                                                        const base_url& base)
{
    auto result = std::make_shared<net::connect_settings>();
    result->origin = base.origin;
    if (!is_loopback(base.origin.host)) {
        // No proxy for loopback: it would see the credentials of a plain request, and `localhost`
        // is another machine for it.
        result->proxy = settings.proxy;
    }
    result->timeouts = settings.timeouts;
    if (result->proxy.kind == proxy_kind::https && !result->proxy.host.empty()) {
        result->proxy_tls = std::make_shared<net::current_tls_context>(
            std::make_shared<net::tls_context>(for_proxy(settings.tls)));
    }
    if (settings.connect) {
        result->connect = std::make_shared<const connect_hook>(settings.connect);
    }
    result->resolve = settings.resolve;
    result->tcp_keep_alive = settings.pool.tcp_keep_alive;
    result->spread_addresses = settings.pool.spread_addresses;
    result->on_event = settings.on_event;
    if (base.origin.tls) {
        result->tls = std::make_shared<net::current_tls_context>(
            std::make_shared<net::tls_context>(settings.tls));
    }
    return result;
}

/// The limits of the n-th shard. Only the minimum is divided: the quota enforces the maximum over
/// all shards.
inline pool_config limits_of_shard(pool_config total, std::size_t shards, std::size_t n)
{
    std::size_t& minimum = total.min_connections;
    minimum = minimum / shards + (n < minimum % shards ? 1 : 0);
    return total;
}

/// An event hook that ignores exceptions of the user's hook: it is called in the middle of state
/// changes, which an exception would leave half done.
inline event_hook non_throwing(event_hook hook)
{
    if (!hook) {
        return hook;
    }
    return [hook = std::move(hook)](const client_event& event) {
        try {
            hook(event);
        }
        catch (...) { // NOLINT(bugprone-empty-catch): as the documentation of the hook says
        }
    };
}

inline config with_non_throwing_hook(config settings)
{
    settings.on_event = non_throwing(std::move(settings.on_event));
    return settings;
}

CYCLOS_DECL client_state::client_state(boost::asio::any_io_executor executor, config settings)
    : settings_(with_non_throwing_hook(validated(std::move(settings))))
    , base_(parse_base_url(settings_.base_url))
    , common_fields_(make_common_fields(settings_, base_.origin, nullptr))
    , endpoint_(std::make_shared<const std::string>(base_.origin.to_string()))
    , exchange_settings_(std::make_shared<http::exchange_settings>(
          settings_.max_header_size, settings_.uploads, settings_.retry, settings_.retry_budget))
{
    file_threads::of(executor)->require_threads(settings_.file_threads);
    const auto connect_settings = connect_settings_of(settings_, base_);
    settings_.tls = {}; // the secrets in it are not needed any more
    quota_ = std::make_shared<net::connection_quota>(settings_.pool.max_connections);
    for (std::size_t n = 0; n < settings_.shards; ++n) {
        const pool_config limits = limits_of_shard(settings_.pool, settings_.shards, n);
        const boost::asio::any_io_executor strand =
            settings_.serial_executor
                ? executor
                : boost::asio::any_io_executor{boost::asio::make_strand(executor)};
        shards_.push_back(std::make_shared<net::pool>(strand, limits, connect_settings,
                                                      settings_.max_header_size, quota_));
    }
    for (const auto& shard : shards_) {
        std::vector<std::weak_ptr<net::pool>> others;
        std::ranges::copy_if(shards_, std::back_inserter(others),
                             [&](const auto& other) { return other != shard; });
        shard->set_siblings(std::move(others));
    }
    if (settings_.pool.min_connections > 0) {
        for (const auto& shard : shards_) {
            boost::asio::dispatch(shard->executor(), [shard] { shard->start(); });
        }
    }
    sessions_ = std::make_shared<session_service>(settings_, base_, common_fields_,
                                                  exchange_settings_, shards_.front());
    identities_ = std::make_shared<identity_registry>(sessions_);
    own_user_ = identities_->get(settings_.credentials);
}

CYCLOS_DECL const std::shared_ptr<net::pool>&
client_state::select_shard(const boost::asio::any_io_executor& caller)
{
    if (shards_.size() == 1) {
        return shards_.front();
    }
    const auto own = std::ranges::find(
        shards_, caller, [](const auto& shard) -> const auto& { return shard->executor(); });
    const auto& preferred =
        own != shards_.end()
            ? *own
            : shards_[next_shard_.fetch_add(1, std::memory_order_relaxed) % shards_.size()];
    if (preferred->has_idle() ||
        quota_->has_free_place(preferred->number(), net::connection_quota::never)) {
        return preferred;
    }
    // The operation would be queued there, although another shard may have an idle connection.
    const auto other =
        std::ranges::find_if(shards_, [](const auto& shard) { return shard->has_idle(); });
    return other != shards_.end() ? *other : preferred;
}

// Thousands of operations may wait in this coroutine for a connection. Its frame is small because
// only what they need meanwhile is a local variable here.
CYCLOS_DECL boost::asio::awaitable<http::response>
client_state::send(std::shared_ptr<net::pool> shard, operation op)
{
    // The awaiting coroutine keeps the client_state alive, but it may be on another executor, and
    // be destroyed before this one.
    const auto self = shared_from_this();
    call current{op, user_of(op.context)};
    authenticator* const auth = current.user.get_authenticator();
    current.state.operation = op.name;
    current.state.endpoint = endpoint_;
    current.state.terms = op.context ? op.context->terms : nullptr;
    if (op.end) {
        current.state.end = *op.end;
    }
    else {
        current.state.set_timeout(settings_.timeouts.total);
    }
    current.redirects_left = op.request.method == "GET" ? settings_.max_redirects : 0;
    current.may_refresh_credentials =
        auth && (!op.request.form || current.keep_source(exchange_settings_->uploads));
    for (;;) {
        if (auth) {
            current.authorization = auth->current(current.rejected_authorization);
            if (!current.authorization) {
                co_await acquire_credentials(*shard, current);
            }
            current.rejected_authorization.reset();
        }
        http::response response = co_await send_once(*shard, current);
        if (response.status() / 100 == 2 || (op.conditional && response.status() == 304)) {
            co_return response;
        }
        co_await handle_failure_status(response, current);
    }
}

CYCLOS_DECL boost::asio::awaitable<http::response> client_state::send_once(net::pool& shard,
                                                                           call& current)
{
    const net::purpose purpose = purpose_of(current.op); // before next_request() moves its form
    http::request request = current.next_request();
    request.credentials = current.authorization ? current.authorization->header_fields()
                                                : current.user.header_fields();
    return http::exchange(shard, std::move(request), current.state, *exchange_settings_, purpose,
                          expectation_of(current.op, settings_.max_json_size));
}

CYCLOS_DECL boost::asio::awaitable<void>
client_state::handle_failure_status(http::response& response, call& current)
{
    std::string body = co_await response.read_excerpt(error_body_limit);
    response.finish_report();
    if (current.redirects_left > 0 && is_redirect(response.status())) {
        std::string& target = current.op.request.target;
        if (auto redirected =
                resolve_redirect(base_.origin, target, response.fields()["Location"])) {
            --current.redirects_left;
            target = *std::move(redirected);
            current.state.begin_attempt();
            co_return;
        }
    }
    const auto reply = std::make_shared<const error_reply>(response, std::move(body));
    authenticator* const auth = current.user.get_authenticator();
    if (auth && reply->is_bad_login()) {
        auth->remember_bad_login(current.authorization, reply);
    }
    if (auth && reply->is_token_rejection() && auth->invalidate(current.authorization)) {
        if (std::exchange(current.may_refresh_credentials, false)) {
            current.rejected_authorization = current.authorization;
            if (current.kept_body) {
                current.kept_body->drop_blocks(); // hold no memory while the login runs
            }
            current.state.begin_attempt();
            past_attempt past;
            past.code = error_code{static_cast<int>(response.status()), http_status_category()};
            past.phase = phase::receiving;
            past.sent = sent_state::complete;
            current.state.history.push_back(past);
            co_return;
        }
    }
    std::rethrow_exception(make_api_error(reply->view(), response.state().context()));
}

CYCLOS_DECL boost::asio::awaitable<void> client_state::acquire_credentials(net::pool& shard,
                                                                           call& current)
{
    const auto begin = http::exchange_state::time_point::clock::now();
    http::exchange_state& state = current.state;
    http::request_report report{settings_.on_event, state.operation, state.tag()};
    try {
        current.authorization = co_await current.user.get_authenticator()->await_credentials(
            shard, state, current.rejected_authorization);
        if (current.rejected_authorization) {
            state.history.back().delay = http::exchange_state::time_point::clock::now() - begin;
        }
        state.phase = phase::preparing;
    }
    catch (const boost::system::system_error& e) {
        report.finish(e.code());
        throw;
    }
    catch (...) {
        report.finish(errc::provider_failed);
        throw;
    }
}

CYCLOS_DECL boost::asio::awaitable<http::response>
client_state::send_and_read(std::shared_ptr<net::pool> shard, operation op)
{
    // http::exchange() has read the body: the expectation of the operation says so.
    return send(std::move(shard), std::move(op));
}

CYCLOS_DECL boost::asio::awaitable<open_response>
client_state::send_and_open(std::shared_ptr<net::pool> shard, operation op)
{
    http::response response = co_await send(shard, std::move(op));
    open_response result;
    result.response = std::move(response);
    result.shard = std::move(shard);
    co_return result;
}

CYCLOS_DECL const std::string&
client_state::common_fields(const handle_context* context) const noexcept
{
    return context != nullptr && context->terms ? context->terms->common_fields : common_fields_;
}

CYCLOS_DECL identity& client_state::user_of(const handle_context_ptr& context) const
{
    return context && context->user ? *context->user : *own_user_;
}

CYCLOS_DECL boost::asio::awaitable<void> client_state::log_out(handle_context_ptr context)
{
    const auto self = shared_from_this(); // as in send()
    if (const auto session = user_of(context).take_session()) {
        co_await sessions_->log_out(*shards_.front(), *session, context ? context->terms : nullptr);
    }
}

CYCLOS_DECL boost::asio::awaitable<void>
client_state::log_out_all(http::exchange_state::time_point end)
{
    return detail::log_out_all(sessions_, identities_->take_sessions_to_log_out(), end);
}

CYCLOS_DECL void client_state::set_tls(const tls_config& settings)
{
    const auto& current = shards_.front()->settings().tls;
    if (!current) {
        throw error(errc::invalid_config,
                    error_context{.detail = "tls: the base URL is not https"});
    }
    auto next = std::make_shared<net::tls_context>(settings);
    if (const auto& of_proxy = shards_.front()->settings().proxy_tls) {
        of_proxy->set(std::make_shared<net::tls_context>(for_proxy(settings)));
    }
    current->set(std::move(next));
}

CYCLOS_DECL void client_state::abort_all()
{
    for (const auto& shard : shards_) {
        boost::asio::dispatch(shard->executor(), [shard] { shard->abort_all(); });
    }
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_CLIENT_IMPL_CLIENT_STATE_IPP

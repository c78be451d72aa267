//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_CLIENT_STATE_IPP
#define CYCLOS_IMPL_CLIENT_STATE_IPP

#include <cyclos/impl/client_state.hpp>

#include <cyclos/detail/file_work.hpp>
#include <cyclos/error.hpp>
#include <cyclos/http/source_reader.hpp>
#include <cyclos/impl/authenticator.hpp>
#include <cyclos/impl/login.hpp>
#include <cyclos/impl/make_api_error.hpp>
#include <cyclos/impl/redirect.hpp>
#include <cyclos/net/tls_context.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::detail {

// What is kept of the body of an error: its JSON is small, and a page of a proxy needs no more.
inline constexpr std::size_t error_body_limit = 64 * 1024;

inline std::shared_ptr<const net::connect_settings> connect_settings_of(const config& settings, const base_url& base)
{
    auto result = std::make_shared<net::connect_settings>();
    result->origin = base.origin;
    if (!is_loopback(base.origin.host)) {
        // A proxy would see the credentials of a plain request, and its own loopback interface is another one.
        result->proxy = settings.proxy;
    }
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
    std::size_t& least = all.min_connections; // what there may be at most is counted by the quota
    least = least / shards + (n < least % shards ? 1 : 0);
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

/// A media type without its parameters.
inline std::string_view bare_type(std::string_view media_type)
{
    return media_type.substr(0, media_type.find_first_of("; \t"));
}

/// Whether a media type is that of text, JSON or XML, which a proxy or a gateway says, and never that of an image. The
/// only image of XML says so: `image/svg+xml`.
inline bool is_textual(std::string_view media_type)
{
    const std::string_view type = bare_type(media_type);
    const auto begins_with = [type](std::string_view start) {
        return boost::beast::iequals(type.substr(0, start.size()), start);
    };
    const auto ends_with = [type](std::string_view end) {
        return type.size() >= end.size() && boost::beast::iequals(type.substr(type.size() - end.size()), end);
    };
    return begins_with("text/") || (begins_with("application/") && (ends_with("json") || ends_with("xml")));
}

inline bool is_html(std::string_view media_type)
{
    const std::string_view type = bare_type(media_type);
    return boost::beast::iequals(type, "text/html") || boost::beast::iequals(type, "application/xhtml+xml");
}

inline std::string unless(bool expected, const http::response& answer)
{
    return expected ? std::string{} : "the status " + std::to_string(answer.status()) + " is not that of its success";
}

// Why a response of 2xx is not the success of an operation; empty if it is. 203 counts as 200: RFC 9110 lets a proxy of
// the server's owner change what is served, and says that the request has succeeded. Any other 2xx is not what the API
// promises: 202 has not been done, and captive portals answer 200.

inline bool is_ok(const http::response& answer) noexcept
{
    return answer.status() == 200 || answer.status() == 203;
}

inline std::string objection_to_no_content(const http::response& answer)
{
    if (answer.status() == 200 && answer.content_length().value_or(0) > 0) {
        return "a status of success with a body where none is expected";
    }
    return unless(answer.status() == 200 || answer.status() == 204, answer);
}

inline std::string objection_to_id(const http::response& answer)
{
    if (answer.status() == 201 && is_html(answer.fields()["Content-Type"])) {
        return "a page of HTML in place of an identifier";
    }
    return unless(answer.status() == 201, answer);
}

inline std::string objection_to_json(const http::response& answer)
{
    return unless(is_ok(answer), answer);
}

/// Who reads the body takes the bytes for the image.
inline std::string objection_to_body(const http::response& answer)
{
    if (is_encoded(answer.fields())) {
        return "the content is encoded, which was not asked for";
    }
    const std::string_view type = answer.fields()["Content-Type"];
    return is_textual(type) ? "the content is no image, but " + std::string{type} : std::string{};
}

inline std::string objection_to_image(const http::response& answer)
{
    return is_ok(answer) ? objection_to_body(answer) : unless(false, answer);
}

/// The rest of an image, or the whole of it once more.
inline std::string objection_to_rest(const http::response& answer)
{
    return is_ok(answer) || answer.status() == 206 ? objection_to_body(answer) : unless(false, answer);
}

inline http::expectation expectation_of(const operation& what, std::uint64_t longest)
{
    http::expectation wanted;
    switch (what.expected) {
    case success::no_content:
        wanted.whole = 0;
        wanted.objection = objection_to_no_content;
        break;
    case success::id:
        wanted.whole = longest;
        wanted.objection = objection_to_id;
        break;
    case success::json:
        wanted.whole = longest;
        wanted.objection = objection_to_json;
        break;
    case success::image:
        wanted.objection = what.partial ? objection_to_rest : objection_to_image;
        wanted.retries = !what.partial;
        break;
    }
    return wanted;
}

/// A hook that throws nothing: it is called where a half of a change may be done.
inline event_hook guarded(event_hook hook)
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

inline config with_guarded_hook(config settings)
{
    settings.on_event = guarded(std::move(settings.on_event));
    return settings;
}

CYCLOS_DECL client_state::client_state(boost::asio::any_io_executor executor, config settings)
    : settings_(with_guarded_hook(validated(std::move(settings))))
    , base_(parse_base_url(settings_.base_url))
    , endpoint_(std::make_shared<const std::string>(base_.origin.to_string()))
    , exchange_settings_(settings_.max_head_size, settings_.uploads, settings_.retry)
{
    // A content in another form than its own is refused, so it is better not sent. Apache and Tomcat say how long they
    // keep an idle connection only where the request has the field of HTTP/1.0.
    common_fields_ =
        "Host: " + base_.origin.authority(false) + "\r\nConnection: keep-alive\r\nAccept-Encoding: identity\r\n";
    if (!settings_.user_agent.empty()) {
        common_fields_ += "User-Agent: " + settings_.user_agent + "\r\n";
    }
    if (!settings_.channel.empty()) {
        common_fields_ += "Channel: " + settings_.channel + "\r\n";
    }

    file_threads::of(executor)->require_threads(settings_.file_threads);
    const auto connect_settings = connect_settings_of(settings_, base_);
    quota_ = std::make_shared<net::connection_quota>(settings_.pool.max_connections);
    for (std::size_t n = 0; n < settings_.shards; ++n) {
        const pool_config limits = share(settings_.pool, settings_.shards, n);
        const boost::asio::any_io_executor own =
            settings_.serial_executor ? executor : boost::asio::any_io_executor{boost::asio::make_strand(executor)};
        shards_.push_back(std::make_shared<net::pool>(own, limits, connect_settings, settings_.max_head_size, quota_));
    }
    for (const auto& shard : shards_) {
        std::vector<std::weak_ptr<net::pool>> others;
        std::ranges::copy_if(shards_, std::back_inserter(others), [&](const auto& other) { return other != shard; });
        shard->set_siblings(std::move(others));
    }
    if (settings_.pool.min_connections > 0) {
        for (const auto& shard : shards_) {
            boost::asio::dispatch(shard->executor(), [shard] { shard->start(); });
        }
    }
    const auto kind = settings_.credentials.type();
    if (kind == credentials::kind::session_login || kind == credentials::kind::provided) {
        session_service service{settings_, base_, common_fields_, exchange_settings_};
        authenticator_ = std::make_shared<authenticator>(settings_, std::move(service), shards_.front());
    }
}

CYCLOS_DECL const std::shared_ptr<net::pool>& client_state::pick(const boost::asio::any_io_executor& here)
{
    if (shards_.size() == 1) {
        return shards_.front();
    }
    const auto own =
        std::ranges::find(shards_, here, [](const auto& shard) -> const auto& { return shard->executor(); });
    const auto& first =
        own != shards_.end() ? *own : shards_[next_shard_.fetch_add(1, std::memory_order_relaxed) % shards_.size()];
    if (first->has_idle() || quota_->has_room(first->number(), net::connection_quota::never)) {
        return first;
    }
    // It would have to wait there while another may have a connection to give.
    const auto other = std::ranges::find_if(shards_, [](const auto& shard) { return shard->has_idle(); });
    return other != shards_.end() ? *other : first;
}

/// What an operation does with its connection.
inline net::purpose purpose_of(const operation& what)
{
    if (what.what.form || what.what.body) {
        return net::purpose::upload;
    }
    if (what.expected != success::image) {
        return net::purpose::exchange;
    }
    return what.partial ? net::purpose::resume : net::purpose::content;
}

/// A request, once more. That of a form has a body that is kept.
inline http::request copy_of(const http::request& what)
{
    http::request copy;
    copy.body = what.body;
    copy.field = what.field;
    copy.method = what.method;
    copy.target = what.target;
    copy.fields = what.fields;
    return copy;
}

/// What has become of an operation so far.
class client_state::course
{
public:
    explicit course(operation& of)
        : what(of)
    {}

    course(const course&) = delete;
    course& operator=(const course&) = delete;

    ~course()
    {
        // Where the execution context is destroyed, a source may still be read: it goes with its reader then.
        if (kept_body && !kept_body->reading()) {
            kept_body->release();
        }
    }

    /// Keeps the source of a form for another request, if it can be rewound.
    bool keep_source(const upload_config& checks)
    {
        http::request& request = what.what;
        auto& [field, body] = *request.form;
        if (!body->rewindable()) {
            return false;
        }
        request.field = field;
        request.body = kept_body = std::make_shared<http::source_reader>(std::move(body), checks);
        request.form.reset();
        return true;
    }

    operation& what;
    http::progress state;
    unsigned redirects = 0; // that may still be followed
    bool may_log_in_anew = false;
    identity_ptr who;
    identity_ptr refused; // who it was before
    std::shared_ptr<http::source_reader> kept_body;

    bool may_be_repeated() const noexcept { return may_log_in_anew || redirects > 0; }
};

// Thousands of operations may wait in it, so its frame has room for no more than what that takes.
CYCLOS_DECL boost::asio::awaitable<http::response> client_state::send(std::shared_ptr<net::pool> shard, operation what)
{
    const auto self = shared_from_this(); // who awaits it may be on another executor, and gone
    course so_far{what};
    so_far.state.operation = what.name;
    so_far.state.endpoint = endpoint_;
    if (what.end) {
        so_far.state.end = *what.end;
    }
    else if (settings_.timeouts.total.count() > 0) {
        so_far.state.end = http::progress::time_point::clock::now() + settings_.timeouts.total;
    }
    so_far.redirects = what.what.method == "GET" ? settings_.max_redirects : 0;
    so_far.may_log_in_anew = authenticator_ && (!what.what.form || so_far.keep_source(exchange_settings_.uploads));
    for (;;) {
        if (authenticator_) {
            so_far.who = authenticator_->present(so_far.refused);
            if (!so_far.who) {
                so_far.who = co_await identify(*shard, so_far.state, so_far.refused);
            }
            so_far.refused.reset();
        }
        http::response answer = co_await ask(*shard, so_far);
        if (answer.status() / 100 == 2 || (what.conditional && answer.status() == 304)) {
            co_return answer;
        }
        co_await consider(answer, so_far);
    }
}

CYCLOS_DECL boost::asio::awaitable<http::response> client_state::ask(net::pool& shard, course& so_far)
{
    http::request& what = so_far.what.what;
    const net::purpose intent = purpose_of(so_far.what); // before its form is taken
    http::request next = so_far.may_be_repeated() ? copy_of(what) : std::move(what);
    next.credentials = so_far.who ? so_far.who->header_field() : settings_.credentials.header_field();
    return http::exchange(shard, std::move(next), so_far.state, exchange_settings_, intent,
                          expectation_of(so_far.what, settings_.max_json_size));
}

CYCLOS_DECL boost::asio::awaitable<void> client_state::consider(http::response& answer, course& so_far)
{
    std::string body = co_await answer.read_excerpt(error_body_limit);
    answer.ignore_rest();
    if (so_far.redirects > 0 && is_redirect(answer.status())) {
        std::string& present = so_far.what.what.target;
        if (auto target = target_within(base_.origin, present, answer.fields()["Location"])) {
            --so_far.redirects;
            present = *std::move(target);
            so_far.state.begin_anew();
            co_return;
        }
    }
    const auto told = std::make_shared<const refusal>(answer, std::move(body));
    if (so_far.who && told->is_bad_login()) {
        authenticator_->refuse(so_far.who, told);
    }
    if (so_far.who && told->is_refused_token() && authenticator_->renew(so_far.who)) {
        if (std::exchange(so_far.may_log_in_anew, false)) {
            so_far.refused = so_far.who;
            if (so_far.kept_body) {
                so_far.kept_body->drop_blocks(); // a login may take its time
            }
            so_far.state.begin_anew();
            past_attempt past;
            past.code = error_code{static_cast<int>(answer.status()), status_category()};
            past.phase = phase::receiving;
            past.sent = sent_state::yes;
            so_far.state.history.push_back(past);
            co_return;
        }
    }
    std::rethrow_exception(make_api_error(told->told(), answer.state().context()));
}

CYCLOS_DECL boost::asio::awaitable<identity_ptr> client_state::identify(net::pool& shard, http::progress& state,
                                                                        identity_ptr refused)
{
    const auto begin = http::progress::time_point::clock::now();
    const bool again = refused != nullptr;
    http::request_report report{settings_.on_event, state.operation};
    try {
        identity_ptr who = co_await authenticator_->find(shared_from_this(), shard, state, std::move(refused));
        if (again) {
            state.history.back().waited = http::progress::time_point::clock::now() - begin;
        }
        state.phase = phase::preparing;
        co_return who;
    }
    catch (const boost::system::system_error& why) {
        report.end(why.code());
        throw;
    }
    catch (...) {
        report.end(errc::provider_failed);
        throw;
    }
}

CYCLOS_DECL boost::asio::awaitable<void> client_state::log_out(http::progress::time_point end)
{
    if (authenticator_) {
        co_await authenticator_->log_out(end);
    }
}

CYCLOS_DECL boost::asio::awaitable<http::response> client_state::send_for_whole(std::shared_ptr<net::pool> shard,
                                                                                operation what)
{
    return send(std::move(shard), std::move(what));
}

CYCLOS_DECL boost::asio::awaitable<open_response> client_state::send_for_content(std::shared_ptr<net::pool> shard,
                                                                                 operation what)
{
    http::response answer = co_await send(shard, std::move(what));
    open_response result;
    result.answer = std::move(answer);
    result.shard = std::move(shard);
    co_return result;
}

CYCLOS_DECL void client_state::cut()
{
    for (const auto& shard : shards_) {
        boost::asio::dispatch(shard->executor(), [shard] { shard->cut(); });
    }
}

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_IMPL_CLIENT_STATE_IPP

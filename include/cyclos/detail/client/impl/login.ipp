//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_IMPL_LOGIN_IPP
#define CYCLOS_DETAIL_CLIENT_IMPL_LOGIN_IPP

#include <cyclos/detail/client/login.hpp>

#include <cyclos/detail/base/json.hpp>
#include <cyclos/detail/client/make_api_error.hpp>
#include <cyclos/detail/http/retry/retry_after.hpp>

#include <boost/container/pmr/memory_resource.hpp>
#include <boost/json/parser.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

CYCLOS_DECL error_reply::error_reply(const http::response& response, std::string body)
    : status_(response.status())
    , content_type_(response.fields()["Content-Type"])
    , body_(std::move(body))
    , retry_after_(http::parse_retry_after(response.fields()["Retry-After"],
                                           std::chrono::system_clock::now()))
{}

CYCLOS_DECL error_response error_reply::view() const noexcept
{
    error_response result;
    result.status = status_;
    result.content_type = content_type_;
    result.body = body_;
    result.retry_after = retry_after_;
    return result;
}

CYCLOS_DECL std::string error_reply::code() const
{
    const json_document document{body_};
    std::string text;
    json_reader{document.root(), on_mismatch::skip}.read("code", text);
    return text;
}

CYCLOS_DECL bool error_reply::is_token_rejection() const
{
    if (status_ != 401) {
        return false;
    }
    const std::string value = code();
    return value == "loggedOut" || value == "invalidAccessClient" ||
           value == "blockedAccessClient" || value == "invalidAccessToken" ||
           value == "missingAuthorization";
}

/// Whether the exception class for a status is about the operation: not_found, for example, says
/// that there is no such image. A failed login knows nothing about the image, so it must not throw
/// that class.
inline bool has_operation_specific_class(unsigned status) noexcept
{
    return status == 400 || status == 404 || status == 405 || status == 409 || status == 422;
}

CYCLOS_DECL void login_failure::throw_for(const http::exchange_state& state) const
{
    if (exception_) {
        std::rethrow_exception(exception_);
    }
    if (!reply_) {
        throw error(code_, state.context(detail_));
    }
    const error_response response = reply_->view();
    const std::string_view detail = "the login was refused";
    if (has_operation_specific_class(response.status)) {
        throw api_error(response, reply_->code(), state.context(std::string{detail}));
    }
    std::rethrow_exception(make_api_error(response, state.context(std::string{detail})));
}

CYCLOS_DECL session_service::session_service(const config& settings, const base_url& base,
                                             std::string_view common_fields,
                                             std::shared_ptr<http::exchange_settings> exchange,
                                             std::shared_ptr<net::pool> pool)
    : target_(base.path + "/auth/session")
    , common_fields_(common_fields)
    , endpoint_(std::make_shared<const std::string>(base.origin.to_string()))
    , total_timeout_(settings.timeouts.total)
    , provider_timeout_(settings.timeouts.provider)
    , exchange_settings_(std::move(exchange))
    , pool_(std::move(pool))
{}

CYCLOS_DECL http::exchange_state
session_service::make_state(std::string_view operation,
                            std::shared_ptr<const http::call_terms> terms) const
{
    http::exchange_state state;
    state.operation = operation;
    state.endpoint = endpoint_;
    state.terms = std::move(terms);
    state.set_timeout(total_timeout_);
    return state;
}

CYCLOS_DECL http::request session_service::make_request(std::string_view method,
                                                        const http::call_terms* terms) const
{
    http::request request;
    request.method = method;
    request.target = target_;
    request.fields = terms != nullptr ? terms->common_fields : common_fields_;
    request.fields += "Accept: application/json\r\n";
    return request;
}

/// The terms of a login: those of a call that concern nobody else.
inline std::shared_ptr<const http::call_terms> terms_of_login(const http::call_terms* call)
{
    if (call == nullptr) {
        return nullptr;
    }
    auto terms = std::make_shared<http::call_terms>();
    terms->tag = call->tag;
    terms->common_fields = call->login_fields;
    return terms;
}

// At most this much of the reply to a login is read. It is small with `?fields=sessionToken`, and
// not large if the server ignores that parameter.
inline constexpr std::size_t max_session_reply = 1024 * 1024;

// At most this much is read of an error reply, and of the reply to a logout.
inline constexpr std::size_t max_unused_reply = 64 * 1024;

/// Reads a body into memory that is wiped when it is freed.
inline boost::asio::awaitable<wiped_bytes> read_secret_body(http::response& response)
{
    response.wipe_buffers();
    wiped_bytes text(4096);
    std::size_t size = 0;
    while (!response.done() && size < max_session_reply) {
        if (size == text.size()) {
            text.resize(text.size() * 2);
        }
        size += co_await response.read_some(
            boost::asio::buffer(text.data() + size, text.size() - size));
    }
    text.resize(size);
    co_return text;
}

/// Reports the error of a login to the requests that wait for it. Their own phase is
/// phase::authenticating, so the phase of the login is added to the text.
inline void describe_failure(login_failure& failure, const error& cause)
{
    std::string detail = "the login failed while ";
    detail += to_string(cause.phase());
    if (!cause.context().detail.empty()) {
        detail += ": " + cause.context().detail;
    }
    failure.set_error(cause.code(), std::move(detail));
}

CYCLOS_DECL boost::asio::awaitable<credentials>
session_service::log_in(credentials login, login_failure& failure,
                        std::shared_ptr<const http::call_terms> terms)
{
    terms = terms_of_login(terms.get());
    const auto initial_state = make_state("login", terms); // one deadline for all attempts
    for (unsigned attempt = 0;; ++attempt) {
        http::exchange_state state = initial_state;
        http::request request = make_request("POST", terms.get());
        request.target += "?fields=sessionToken";
        request.fields += "Content-Length: 0\r\n";
        request.credentials = login.field().view();
        request.not_repeatable =
            true; // no automatic retries: it may be a bad login, and those are counted
        try {
            http::response response = co_await http::exchange(
                *pool_, std::move(request), state, *exchange_settings_, net::purpose::login, {});
            if (response.status() / 100 != 2) {
                std::string body = co_await response.read_excerpt(max_unused_reply);
                failure.set_reply(std::make_shared<const error_reply>(response, std::move(body)));
                co_return credentials{};
            }
            const wiped_bytes body = co_await read_secret_body(response);
            const secret token = read_session_token({body.data(), body.size()});
            if (token.empty()) {
                failure.set_error(errc::unexpected_response,
                                  "the answer to the login holds no sessionToken");
                co_return credentials{};
            }
            co_return credentials::session(token.view());
        }
        catch (const error& e) {
            if (e.code() != errc::connection_lost || attempt > 0) {
                describe_failure(failure, e);
                co_return credentials{};
            }
        }
    }
}

CYCLOS_DECL boost::asio::awaitable<void>
session_service::log_out(net::pool& pool, const credentials& session,
                         std::shared_ptr<const http::call_terms> terms, time_point end)
{
    http::request request = make_request("DELETE", terms.get());
    http::exchange_state state = make_state("logout", std::move(terms));
    state.end = (std::min)(state.end, end);
    request.credentials = session.header_fields();
    http::response response = co_await http::exchange(
        pool, std::move(request), state, *exchange_settings_, net::purpose::exchange, {});
    std::string body = co_await response.read_excerpt(max_unused_reply);
    response.finish_report();
    if (response.status() / 100 != 2) {
        const error_reply reply{response, std::move(body)};
        if (!reply.is_token_rejection()) {
            std::rethrow_exception(make_api_error(reply.view(), response.state().context()));
        }
    }
}

inline bool is_control(char c) noexcept
{
    const auto u = static_cast<unsigned char>(c);
    return u < 0x20 || u == 0x7f;
}

/// Heap memory that is wiped before it is freed.
class wiping_resource final : public boost::container::pmr::memory_resource
{
private:
    // Ignore the alignment: Boost.JSON needs no more than the default, and Boost 1.81 passes
    // different alignments to allocate and deallocate.
    void* do_allocate(std::size_t bytes, std::size_t /*alignment*/) override
    {
        return ::operator new(bytes);
    }

    void do_deallocate(void* p, std::size_t bytes, std::size_t /*alignment*/) override
    {
        wipe(p, bytes);
        ::operator delete(p);
    }

    bool do_is_equal(const boost::container::pmr::memory_resource& other) const noexcept override
    {
        return this == &other;
    }
};

CYCLOS_DECL secret read_session_token(std::string_view json)
{
    // The parser's stack. Not initialised: it is written before it is read.
    std::array<unsigned char, 2048> stack;
    secret token;
    {
        wiping_resource memory;
        boost::json::parse_options options;
        options.max_depth = 32;
        boost::json::parser parser{&memory, options, stack.data(), stack.size()};
        parser.reset(&memory);
        boost::system::error_code ec;
        json = without_byte_order_mark(json);
        parser.write({json.data(), json.size()}, ec);
        if (!ec) {
            const boost::json::value root = parser.release();
            const auto* object = root.if_object();
            const auto* found = object ? object->if_contains("sessionToken") : nullptr;
            const auto* text = found ? found->if_string() : nullptr;
            if (text && std::none_of(text->begin(), text->end(), is_control)) {
                token += {text->data(), text->size()};
            }
        }
    }
    wipe(stack.data(), stack.size());
    return token;
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_CLIENT_IMPL_LOGIN_IPP

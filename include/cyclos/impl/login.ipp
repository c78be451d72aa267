//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_LOGIN_IPP
#define CYCLOS_IMPL_LOGIN_IPP

#include <cyclos/impl/login.hpp>

#include <cyclos/detail/json.hpp>
#include <cyclos/http/retry_after.hpp>
#include <cyclos/impl/make_api_error.hpp>

#include <boost/container/pmr/memory_resource.hpp>
#include <boost/json/parser.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::detail {

CYCLOS_DECL refusal::refusal(const http::response& answer, std::string body)
    : status_(answer.status())
    , content_type_(answer.fields()["Content-Type"])
    , body_(std::move(body))
    , retry_after_(http::parse_retry_after(answer.fields()["Retry-After"], std::chrono::system_clock::now()))
{}

CYCLOS_DECL error_response refusal::told() const noexcept
{
    error_response result;
    result.status = status_;
    result.content_type = content_type_;
    result.body = body_;
    result.retry_after = retry_after_;
    return result;
}

CYCLOS_DECL std::string refusal::code() const
{
    const json_document document{body_};
    std::string text;
    json_reader{document.root(), on_mismatch::skip}.read("code", text);
    return text;
}

/// Whether the class for a status speaks of what the operation is about. The login knows nothing of that.
inline bool is_about_the_operation(unsigned status) noexcept
{
    return status == 400 || status == 404 || status == 405 || status == 409 || status == 422;
}

CYCLOS_DECL void login_failure::raise(const http::progress& state) const
{
    if (foreign_) {
        std::rethrow_exception(foreign_);
    }
    if (!answer_) {
        throw error(code_, state.context(detail_));
    }
    const error_response told = answer_->told();
    const std::string_view detail = "the login was refused";
    if (is_about_the_operation(told.status)) {
        throw api_error(told, answer_->code(), state.context(std::string{detail}));
    }
    std::rethrow_exception(make_api_error(told, state.context(std::string{detail})));
}

CYCLOS_DECL bool refusal::is_refused_token() const
{
    if (status_ != 401) {
        return false;
    }
    const std::string said = code();
    return said == "loggedOut" || said == "invalidAccessClient" || said == "blockedAccessClient" ||
           said == "invalidAccessToken" || said == "missingAuthorization";
}

CYCLOS_DECL session_service::session_service(const config& settings, const base_url& base,
                                             std::string_view common_fields, http::exchange_settings& how)
    : target_(base.path + "/auth/session")
    , fields_(common_fields)
    , endpoint_(std::make_shared<const std::string>(base.origin.to_string()))
    , total_(settings.timeouts.total)
    , how_(how)
{
    fields_ += "Accept: application/json\r\n";
}

CYCLOS_DECL http::progress session_service::begin(std::string_view operation) const
{
    http::progress state;
    state.operation = operation;
    state.endpoint = endpoint_;
    if (total_.count() > 0) {
        state.end = http::progress::time_point::clock::now() + total_;
    }
    return state;
}

// The answer to a login is small where it is asked for the token alone, and not large where that is ignored.
inline constexpr std::size_t session_limit = 1024 * 1024;

// What is read of an answer that is an error, or that nobody wants.
inline constexpr std::size_t refusal_limit = 64 * 1024;

inline boost::asio::awaitable<wiped_bytes> read_secretly(http::response& answer)
{
    answer.keep_secret();
    wiped_bytes text(4096);
    std::size_t size = 0;
    while (!answer.done() && size < session_limit) {
        if (size == text.size()) {
            text.resize(text.size() * 2);
        }
        size += co_await answer.read_some(boost::asio::buffer(text.data() + size, text.size() - size));
    }
    text.resize(size);
    co_return text;
}

/// Says of a login what an error of its own tells.
inline void tell(login_failure& failure, const error& why)
{
    std::string detail = "the login failed while ";
    detail += to_string(why.phase());
    if (!why.context().detail.empty()) {
        detail += ": " + why.context().detail;
    }
    failure.failed(why.code(), std::move(detail));
}

CYCLOS_DECL boost::asio::awaitable<credentials> session_service::log_in(std::shared_ptr<net::pool> connections,
                                                                        credentials who, login_failure& failure)
{
    const http::progress first = begin("login");
    for (unsigned lost = 0;; ++lost) {
        http::progress state = first;
        http::request what;
        what.method = "POST";
        what.target = target_ + "?fields=sessionToken";
        what.fields = fields_ + "Content-Length: 0\r\n";
        what.credentials = who.field().view();
        what.once = true; // it may be a bad login, and those are counted
        try {
            http::response answer =
                co_await http::exchange(*connections, std::move(what), state, how_, net::purpose::login, {});
            if (answer.status() / 100 != 2) {
                std::string body = co_await answer.read_excerpt(refusal_limit);
                failure.answered(std::make_shared<const refusal>(answer, std::move(body)));
                co_return credentials{};
            }
            const wiped_bytes body = co_await read_secretly(answer);
            const secret token = read_session_token({body.data(), body.size()});
            if (token.empty()) {
                failure.failed(errc::unexpected_response, "the answer to the login holds no sessionToken");
                co_return credentials{};
            }
            co_return credentials::session(token.view());
        }
        catch (const error& why) {
            if (why.code() != errc::connection_lost || lost > 0) {
                tell(failure, why);
                co_return credentials{};
            }
        }
    }
}

CYCLOS_DECL boost::asio::awaitable<void> session_service::log_out(std::shared_ptr<net::pool> connections,
                                                                  credentials who, http::progress::time_point end)
{
    http::progress state = begin("logout");
    state.end = (std::min)(state.end, end);
    http::request what;
    what.method = "DELETE";
    what.target = target_;
    what.fields = fields_;
    what.credentials = who.field().view();
    try {
        http::response answer =
            co_await http::exchange(*connections, std::move(what), state, how_, net::purpose::exchange, {});
        co_await answer.read_excerpt(refusal_limit);
    }
    catch (const error&) { // NOLINT(bugprone-empty-catch): for the reason below
        // The session ends by itself some time, and there is nobody who could do anything about it.
    }
}

inline bool is_control(char c) noexcept
{
    const auto u = static_cast<unsigned char>(c);
    return u < 0x20 || u == 0x7f;
}

/// Memory of the heap that is wiped when it is given back.
class wiping_resource final : public boost::container::pmr::memory_resource
{
private:
    // JSON wants no more than the usual alignment, and Boost 1.81 does not name the same one at both ends.
    void* do_allocate(std::size_t bytes, std::size_t /*alignment*/) override { return ::operator new(bytes); }

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
    std::array<unsigned char, 2048> stack; // of the parser; not cleared, as it is written before it is read
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

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_IMPL_LOGIN_IPP

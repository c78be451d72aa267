//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_DOWNLOAD_IPP
#define CYCLOS_IMPL_DOWNLOAD_IPP

#include <cyclos/impl/download.hpp>

#include <cyclos/error.hpp>
#include <cyclos/http/content_range.hpp>
#include <cyclos/http/sleep.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::detail {

CYCLOS_DECL download::download(open_response opened, std::shared_ptr<client_state> client, operation again)
    : first_(std::move(opened.answer))
    , shard_(std::move(opened.shard))
    , client_(std::move(client))
    , again_(std::move(again))
    , resumes_left_(client_->settings().downloads.max_resumes)
{}

CYCLOS_DECL boost::asio::awaitable<std::size_t> download::read_some(boost::asio::mutable_buffer target)
{
    rethrow_failure(); // behind it there would be a hole, or an end that is none
    try {
        co_return co_await read_or_go_on(target);
    }
    catch (...) {
        give_up(std::current_exception());
        throw;
    }
}

CYCLOS_DECL void download::give_up(std::exception_ptr why)
{
    if (failure_) {
        return;
    }
    failure_ = std::move(why);
    error_code code = errc::cancelled; // somebody's hook has thrown what has no code
    try {
        rethrow_failure();
    }
    catch (const boost::system::system_error& known) {
        code = known.code();
    }
    catch (...) { // NOLINT(bugprone-empty-catch)
    }
    present().close(code);
}

CYCLOS_DECL boost::asio::awaitable<std::size_t> download::read_or_go_on(boost::asio::mutable_buffer target)
{
    for (;;) {
        std::exception_ptr failure;
        std::size_t bytes = 0;
        try {
            if (rest_) {
                bytes = co_await read_rest(target);
            }
            else { // without a coroutine between: each is an allocation
                bytes = co_await first_.read_some(target);
                position_ += bytes;
            }
        }
        catch (const error& why) {
            if (!may_go_on(why)) {
                throw;
            }
            failure = std::current_exception();
        }
        if (failure) {
            co_await go_on(std::move(failure));
            continue;
        }
        if (on_progress_ && bytes > 0) {
            on_progress_({.bytes = position_, .total = first_.content_length()});
        }
        co_return bytes;
    }
}

CYCLOS_DECL boost::asio::awaitable<std::size_t> download::read_rest(boost::asio::mutable_buffer target)
{
    while (skip_ > 0 && !rest_->done()) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, target.size()));
        skip_ -= co_await rest_->read_some(boost::asio::buffer(target, size));
    }
    // Chunks may hold more than the rest is.
    const std::uint64_t total = *first_.content_length();
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(total - position_, target.size()));
    const std::size_t bytes = co_await rest_->read_some(boost::asio::buffer(target, size));
    position_ += bytes;
    if (position_ == total) {
        co_await read_end();
    }
    if (rest_->done() && position_ != total) {
        fail(errc::malformed_response, "the rest of the content has another length than it said");
    }
    co_return bytes;
}

CYCLOS_DECL boost::asio::awaitable<void> download::read_end()
{
    // All of the content is there. If the end of its last chunk does not come, that does not matter.
    const std::string more = co_await rest_->read_excerpt(1);
    if (!more.empty()) {
        fail(errc::malformed_response, "the rest of the content is longer than it said");
    }
}

CYCLOS_DECL bool download::may_go_on(const error& failure) const
{
    const bool broke_off = failure.code() == errc::connection_lost || failure.code() == errc::stall_timeout;
    return broke_off && resumes_left_ > 0 && first_.status() == 200 && first_.content_length() &&
           first_.fields()["ETag"].starts_with('"') && first_.fields()["Accept-Ranges"] == "bytes";
}

CYCLOS_DECL operation download::request_for_rest() const
{
    operation request;
    request.name = again_.name;
    request.expected = again_.expected;
    request.partial = true;
    request.end = first_.state().end;
    request.what.method = again_.what.method;
    request.what.target = again_.what.target;
    request.what.fields = again_.what.fields + "Range: bytes=" + std::to_string(position_) +
                          "-\r\nIf-Range: " + std::string{first_.fields()["ETag"]} + "\r\n";
    return request;
}

CYCLOS_DECL boost::asio::awaitable<void> download::go_on(std::exception_ptr failure)
{
    retry_config config = client_->settings().retry;
    config.max_retries = resumes_left_; // each attempt is one of them
    http::retries further{config, client_->exchange_settings().budget, true, first_.state().end};
    const net::resumed_content going_on{client_->quota()}; // an upload that reads it may hold a connection meanwhile
    std::string reason;
    while (resumes_left_ > 0) {
        --resumes_left_;
        std::optional<http::retries::duration> wait;
        try {
            open_response opened = co_await client_->open_on(shard_, request_for_rest());
            reason = accept(std::move(opened.answer));
            if (reason.empty()) {
                co_return;
            }
        }
        catch (const api_error& other) {
            reason = other.what();
            wait = further.after(other.status(), other.retry_after());
        }
        catch (const error& other) {
            if (is_final(other.code())) {
                throw;
            }
            reason = other.what();
            wait = wait_after(other, further);
        }
        if (!wait || resumes_left_ == 0) {
            break;
        }
        co_await pause(*wait);
    }
    // What broke off is what is to be told; that it could not be continued comes on top.
    try {
        std::rethrow_exception(failure);
    }
    catch (const error& first) {
        error_context where = first.context();
        where.detail += (where.detail.empty() ? "" : "; ") + ("it could not be continued: " + reason);
        throw error(first.code(), std::move(where));
    }
}

CYCLOS_DECL bool download::is_final(const error_code& code) noexcept
{
    return code == errc::cancelled || code == errc::client_closed || code == errc::total_timeout ||
           code == errc::content_changed || code == errc::malformed_response;
}

CYCLOS_DECL std::optional<http::retries::duration> download::wait_after(const error& failure,
                                                                        http::retries& further) const
{
    const auto now = http::retries::time_point::clock::now();
    // While the server cannot be reached, it has no work with an attempt.
    return shard_->pause_end() > now ? further.after_refusal(failure.code(), now, shard_->pause_end())
                                     : further.after(failure.code(), failure.sent());
}

CYCLOS_DECL boost::asio::awaitable<void> download::pause(http::retries::duration time)
{
    event mailbox{shard_->executor()};
    mailbox.follow(co_await boost::asio::this_coro::cancellation_state);
    co_await http::detail::sleep_until(*shard_, mailbox, http::retries::time_point::clock::now() + time);
    if (mailbox.cancelled()) {
        fail(errc::cancelled, {});
    }
    if (shard_->stopped()) {
        fail(errc::client_closed, {});
    }
}

/// Takes the rest, or says why it cannot be put together with what is there.
CYCLOS_DECL std::string download::accept(http::response rest)
{
    const std::uint64_t total = *first_.content_length();
    const std::string_view tag = rest.fields()["ETag"];
    const bool is_rest = rest.status() == 206;
    if (tag.empty() && is_rest) {
        return "the server does not say of which content it sends a part (206 without ETag)";
    }
    if (tag != first_.fields()["ETag"]) {
        fail(errc::content_changed, "the server has no rest of what was begun");
    }
    const std::uint64_t size = is_rest ? total - position_ : total;
    const auto range = http::parse_content_range(rest.fields()["Content-Range"]);
    const bool is_right_part = !is_rest || range == http::content_range{position_, total - 1, total};
    if (!is_right_part || rest.content_length().value_or(size) != size) {
        fail(errc::malformed_response,
             "the server sends another part than the rest: " + std::string{rest.fields()["Content-Range"]});
    }
    skip_ = is_rest ? 0 : position_;
    rest_ = std::move(rest);
    return {};
}

CYCLOS_DECL void download::fail(errc why, std::string detail) const
{
    throw error(why, present().state().context(std::move(detail)));
}

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_IMPL_DOWNLOAD_IPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_IMPL_DOWNLOAD_IPP
#define CYCLOS_DETAIL_CLIENT_IMPL_DOWNLOAD_IPP

#include <cyclos/detail/client/download.hpp>

#include <cyclos/api_error.hpp>
#include <cyclos/detail/http/response/content_range.hpp>
#include <cyclos/detail/http/retry/sleep.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

CYCLOS_DECL download::download(open_response opened, std::shared_ptr<client_state> client,
                               operation request)
    : first_(std::move(opened.response))
    , shard_(std::move(opened.shard))
    , client_(std::move(client))
    , request_(std::move(request))
    , resumes_left_(client_->settings().downloads.max_resumes)
{}

CYCLOS_DECL boost::asio::awaitable<std::size_t>
download::read_some(boost::asio::mutable_buffer target)
{
    rethrow_failure(); // reading on would skip bytes, or report a false end
    try {
        co_return co_await read_or_resume(target);
    }
    catch (...) {
        abort(std::current_exception());
        throw;
    }
}

CYCLOS_DECL void download::abort(std::exception_ptr failure)
{
    if (failure_) {
        return;
    }
    failure_ = std::move(failure);
    error_code code = errc::cancelled; // for an exception of a user's hook, which has no code
    try {
        rethrow_failure();
    }
    catch (const boost::system::system_error& known) {
        code = known.code();
    }
    catch (...) { // NOLINT(bugprone-empty-catch)
    }
    current().close(code);
}

CYCLOS_DECL boost::asio::awaitable<std::size_t>
download::read_or_resume(boost::asio::mutable_buffer target)
{
    for (;;) {
        std::exception_ptr failure;
        std::size_t bytes = 0;
        try {
            if (rest_) {
                bytes = co_await read_rest(target);
            }
            else { // call it directly: another coroutine would be an allocation for each read
                bytes = co_await first_.read_some(target);
                position_ += bytes;
            }
        }
        catch (const error& e) {
            if (!may_resume(e)) {
                throw;
            }
            failure = std::current_exception();
        }
        if (failure) {
            co_await resume(std::move(failure));
            continue;
        }
        if (const auto& terms = first_.state().terms; terms && terms->progress && bytes > 0) {
            terms->progress({.bytes = position_, .total = first_.content_length()});
        }
        co_return bytes;
    }
}

CYCLOS_DECL boost::asio::awaitable<std::size_t>
download::read_rest(boost::asio::mutable_buffer target)
{
    while (skip_ > 0 && !rest_->done()) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, target.size()));
        skip_ -= co_await rest_->read_some(boost::asio::buffer(target, size));
    }
    // A chunked response may be longer than the rest.
    const std::uint64_t total = *first_.content_length();
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(total - position_, target.size()));
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
    // The content is complete. It does not matter if the connection is lost before the last chunk,
    // and read_excerpt() ignores that.
    const std::string more = co_await rest_->read_excerpt(1);
    if (!more.empty()) {
        fail(errc::malformed_response, "the rest of the content is longer than it said");
    }
}

CYCLOS_DECL bool download::may_resume(const error& failure) const
{
    const bool was_interrupted =
        failure.code() == errc::connection_lost || failure.code() == errc::inactivity_timeout;
    return was_interrupted && resumes_left_ > 0 && first_.status() == 200 &&
           first_.content_length() && first_.fields()["ETag"].starts_with('"') &&
           first_.fields()["Accept-Ranges"] == "bytes";
}

CYCLOS_DECL operation download::make_range_request() const
{
    operation result;
    result.name = request_.name;
    result.context = request_.context;
    result.expected = request_.expected;
    result.partial = true;
    result.end = first_.state().end;
    result.request.method = request_.request.method;
    result.request.target = request_.request.target;
    result.request.fields = request_.request.fields + "Range: bytes=" + std::to_string(position_) +
                            "-\r\nIf-Range: " + std::string{first_.fields()["ETag"]} + "\r\n";
    return result;
}

CYCLOS_DECL boost::asio::awaitable<void> download::resume(std::exception_ptr failure)
{
    retry_config config = client_->exchange_settings().retry_of(first_.state().terms.get());
    config.max_retries = resumes_left_; // of downloads.max_resumes
    http::retry_schedule schedule{config, client_->exchange_settings().budget, true,
                                  first_.state().end};
    // An upload that reads this content may hold the last regular connection meanwhile.
    const net::resumed_content companion_place{client_->quota()};
    std::string problem;
    while (resumes_left_ > 0) {
        --resumes_left_;
        std::optional<http::retry_schedule::duration> wait;
        try {
            open_response opened = co_await client_->open_on(shard_, make_range_request());
            problem = accept_rest(std::move(opened.response));
            if (problem.empty()) {
                co_return;
            }
        }
        catch (const api_error& e) {
            problem = e.what();
            wait = schedule.next_delay(e.status(), e.retry_after());
        }
        catch (const error& e) {
            if (is_final(e.code())) {
                throw;
            }
            problem = e.what();
            wait = delay_after(e, schedule);
        }
        if (!wait || resumes_left_ == 0) {
            break;
        }
        co_await sleep_for(*wait);
    }
    // Report the original failure, and add why the download could not be resumed.
    try {
        std::rethrow_exception(failure);
    }
    catch (const error& first) {
        error_context context = first.context();
        context.detail +=
            (context.detail.empty() ? "" : "; ") + ("it could not be continued: " + problem);
        throw error(first.code(), std::move(context));
    }
}

/// Whether a failed attempt to resume ends the download with its own error.
CYCLOS_DECL bool download::is_final(const error_code& code) noexcept
{
    return code == errc::cancelled || code == errc::client_closed || code == errc::total_timeout ||
           code == errc::call_timeout || code == errc::content_changed ||
           code == errc::malformed_response;
}

CYCLOS_DECL std::optional<http::retry_schedule::duration>
download::delay_after(const error& failure, http::retry_schedule& schedule) const
{
    const auto now = http::retry_schedule::time_point::clock::now();
    // While the server cannot be reached, an attempt fails fast and causes no load there, so it is
    // free of charge for the retry budget.
    return shard_->pause_end() > now
               ? schedule.delay_after_fast_failure(failure.code(), now, shard_->pause_end())
               : schedule.next_delay(failure.code(), failure.sent());
}

CYCLOS_DECL boost::asio::awaitable<void> download::sleep_for(http::retry_schedule::duration time)
{
    notifier wakeup{shard_->executor()};
    wakeup.follow(co_await boost::asio::this_coro::cancellation_state);
    co_await http::detail::sleep_until(*shard_, wakeup,
                                       http::retry_schedule::time_point::clock::now() + time);
    if (wakeup.cancelled()) {
        fail(errc::cancelled, {});
    }
    if (shard_->stopped()) {
        fail(errc::client_closed, {});
    }
}

/// Continues with the response to a range request.
/// @return Why the response cannot be used; empty if it is used.
/// @throws cyclos::error if the content has changed, or if the response contradicts itself or the
/// request.
CYCLOS_DECL std::string download::accept_rest(http::response rest)
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
    const bool is_right_part =
        !is_rest || range == http::content_range{position_, total - 1, total};
    if (!is_right_part || rest.content_length().value_or(size) != size) {
        fail(errc::malformed_response, "the server sends another part than the rest: " +
                                           std::string{rest.fields()["Content-Range"]});
    }
    skip_ = is_rest ? 0 : position_;
    rest_ = std::move(rest);
    return {};
}

CYCLOS_DECL void download::fail(errc code, std::string detail) const
{
    current().state().fail(code, std::move(detail));
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_CLIENT_IMPL_DOWNLOAD_IPP

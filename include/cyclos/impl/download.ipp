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

#include <functional>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::detail {

CYCLOS_DECL download::download(open_response opened, std::shared_ptr<client_state> client, operation again)
    : first_(std::move(opened.answer))
    , executor_(std::move(opened.executor))
    , client_(std::move(client))
    , again_(std::move(again))
    , resumes_left_(client_->settings().downloads.max_resumes)
{}

CYCLOS_DECL net::pool* download::connections() const noexcept
{
    for (const auto& shard : client_->shards()) {
        if (shard->executor() == executor_) {
            return shard.get();
        }
    }
    return nullptr;
}

CYCLOS_DECL boost::asio::awaitable<std::size_t> download::read_some(boost::asio::mutable_buffer target)
{
    rethrow_failure(); // behind it there would be a hole, or an end that is none
    try {
        co_return co_await read_or_go_on(target);
    }
    catch (...) {
        failure_ = std::current_exception();
        throw;
    }
}

CYCLOS_DECL boost::asio::awaitable<std::size_t> download::read_or_go_on(boost::asio::mutable_buffer target)
{
    for (;;) {
        std::exception_ptr failure;
        std::size_t bytes = 0;
        try {
            bytes = co_await present().read_some(target);
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
        position_ += bytes;
        if (rest_ && rest_->done() && position_ != *first_.content_length()) {
            fail(errc::malformed_response, "the rest of the content has another length than it said");
        }
        if (on_progress_ && bytes > 0) {
            on_progress_({.bytes = position_, .total = first_.content_length()});
        }
        co_return bytes;
    }
}

CYCLOS_DECL bool download::may_go_on(const error& failure) const
{
    const bool broke_off = failure.code() == errc::connection_lost || failure.code() == errc::stall_timeout;
    return broke_off && resumes_left_ > 0 && first_.status() == 200 && first_.content_length() &&
           first_.fields()["ETag"].starts_with('"') && first_.fields()["Accept-Ranges"] == "bytes";
}

CYCLOS_DECL boost::asio::awaitable<void> download::go_on(std::exception_ptr failure)
{
    --resumes_left_;
    operation again;
    again.name = again_.name;
    again.partial = true;
    again.end = first_.state().end;
    again.what.method = again_.what.method;
    again.what.target = again_.what.target;
    again.what.fields = again_.what.fields + "Range: bytes=" + std::to_string(position_) +
                        "-\r\nIf-Range: " + std::string{first_.fields()["ETag"]} + "\r\n";
    std::string why;
    try {
        open_response opened = co_await client_->open(std::move(again), std::identity{});
        check(opened.answer);
        rest_ = std::move(opened.answer);
        co_return;
    }
    catch (const error& other) {
        if (other.code() == errc::cancelled || other.code() == errc::client_closed || other.is_timeout() ||
            other.code() == errc::content_changed || other.code() == errc::malformed_response) {
            throw;
        }
        why = other.what();
    }
    // What broke off is what is to be told; that it could not be continued comes on top.
    try {
        std::rethrow_exception(failure);
    }
    catch (const error& first) {
        error_context where = first.context();
        where.detail += (where.detail.empty() ? "" : "; ") + ("it could not be continued: " + why);
        throw error(first.code(), std::move(where));
    }
}

CYCLOS_DECL void download::check(const http::response& rest) const
{
    const std::string_view tag = rest.fields()["ETag"];
    if (rest.status() != 206 || (!tag.empty() && tag != first_.fields()["ETag"])) {
        fail(errc::content_changed, "the server has no rest of what was begun");
    }
    const std::uint64_t total = *first_.content_length();
    const auto range = http::parse_content_range(rest.fields()["Content-Range"]);
    if (!range || *range != http::content_range{position_, total - 1, total} ||
        rest.content_length().value_or(total - position_) != total - position_) {
        fail(errc::malformed_response,
             "the server sends another part than the rest: " + std::string{rest.fields()["Content-Range"]});
    }
}

CYCLOS_DECL void download::fail(errc why, std::string detail) const
{
    throw error(why, present().state().context(std::move(detail)));
}

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_IMPL_DOWNLOAD_IPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_RESPONSE_HPP
#define CYCLOS_HTTP_RESPONSE_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>
#include <cyclos/http/header_fields.hpp>
#include <cyclos/http/progress.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::http {

namespace detail {
class incoming;
}

/** A response whose head has come, and whose body is read as it comes.

    It holds the connection until the body has been read to its end. Where it is dropped before, a small rest is read
    and thrown away, so that the connection can serve again; with a large one it is closed, as that costs less. All
    functions that read run on the strand of the pool.
*/
class response
{
public:
    CYCLOS_DECL response();
    CYCLOS_DECL response(response&&) noexcept;
    CYCLOS_DECL response& operator=(response&&) noexcept;
    CYCLOS_DECL ~response();

    /** Takes over what has come, with the head of a response in it.

        @param request_done Whether the request was sent to its end: the connection carries no other one otherwise.
    */
    CYCLOS_DECL response(std::unique_ptr<detail::incoming> head, bool request_done);

    /// 0 where there is no response.
    CYCLOS_DECL unsigned status() const noexcept;
    CYCLOS_DECL const header_fields& fields() const noexcept;
    CYCLOS_DECL const progress& state() const noexcept;

    /// The length of the body that the head tells, if it does.
    CYCLOS_DECL std::optional<std::uint64_t> content_length() const noexcept;

    /** Reads some of the body.

        @return The bytes read; 0 at the end of the body, and where the target is empty.
        @throws cyclos::error The connection is closed then.
    */
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target);

    /// Reads all of the rest of the body, or throws errc::body_limit where it is longer than the limit.
    CYCLOS_DECL boost::asio::awaitable<std::string> read_all(std::uint64_t limit);

    /// Reads all of the body and keeps it, to be had from whole_body(). Throws as read_all(), and
    /// errc::unexpected_response for a body where the limit is 0.
    CYCLOS_DECL boost::asio::awaitable<void> complete(std::uint64_t limit);

    /// As complete(), where all of the body has come with the head. False: it has not.
    CYCLOS_DECL bool complete_at_once(std::uint64_t limit);

    /// What complete() has read.
    CYCLOS_DECL std::string_view whole_body() const noexcept;

    /** Reads the rest of the body up to the limit, whatever may go wrong meanwhile, and for no longer than a second.
        What has come by then is what there is of it. */
    CYCLOS_DECL boost::asio::awaitable<std::string> read_excerpt(std::size_t limit);

    /// What is left of the body is of no use: the request has come to its end.
    CYCLOS_DECL void ignore_rest();

    /// Closes the connection, unless the body was read to its end: nobody will read the rest.
    /// @param why What the hook is told.
    CYCLOS_DECL void close(const error_code& why);

    /// Throws errc::unexpected_response: the body, which is not read, is not what was asked for.
    [[noreturn]] CYCLOS_DECL void refuse(std::string detail);

    /// The body holds a secret: what it passes through on its way is wiped.
    CYCLOS_DECL void keep_secret() noexcept;

    /// Takes over the report of the request, which ends with the body.
    CYCLOS_DECL void report_to(request_report report);

    /// Whether the body was read to its end.
    CYCLOS_DECL bool done() const noexcept;

private:
    CYCLOS_DECL void finish();
    CYCLOS_DECL void break_off(const error_code& why);
    CYCLOS_DECL bool worth_draining() const noexcept;
    CYCLOS_DECL static boost::asio::awaitable<void> drain(std::shared_ptr<response> rest);
    [[noreturn]] CYCLOS_DECL void fail(cyclos::detail::event& mailbox);
    [[noreturn]] CYCLOS_DECL void fail(const error_code& why, std::string detail, const error_code& cause = {});
    CYCLOS_DECL void abandon() noexcept;
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_raw(cyclos::detail::event& mailbox,
                                                             boost::asio::mutable_buffer target);
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_chunked(cyclos::detail::event& mailbox,
                                                                 boost::asio::mutable_buffer target);

    std::unique_ptr<detail::incoming> in_; // null where there is no response
};

/// The seconds of a `Keep-Alive: timeout=N` field, where it says so.
CYCLOS_DECL std::optional<std::chrono::seconds> parse_keep_alive(std::string_view value);

} // namespace cyclos::inline CYCLOS_ABI::http

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/response.ipp>
#endif

#endif // CYCLOS_HTTP_RESPONSE_HPP

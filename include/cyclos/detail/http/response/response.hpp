//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_RESPONSE_RESPONSE_HPP
#define CYCLOS_DETAIL_HTTP_RESPONSE_RESPONSE_HPP

#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/exchange_state.hpp>
#include <cyclos/header_fields.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

namespace detail {
class response_state;

// The largest rest of a body that is read although nobody wants it, so that its connection can be
// reused: by the next attempt of a retry, or after the response was dropped.
inline constexpr std::size_t drain_limit = 64 * 1024;
} // namespace detail

/** A response whose header section was received, and whose body is streamed from the connection.

    Parts: `impl_` is the state that the attempt has filled, with the lease of the connection and
    the framing of the body. It is null for a default-constructed or moved-from response.

    The response is open until the end of the body, a failure, or close(); done() is true after
    that. Each of them releases the connection and ends the report of the request:
    - finish(): the end of the body was reached. The connection is reusable if the request was sent
      completely, the server keeps the connection open, and the framing is unambiguous.
    - close_with(): reading has failed, or the rest is not wanted. The connection is closed.
    - The destructor of an open response calls drain_or_close(): a small rest is read and discarded,
      so that the connection can be reused. If the rest is large, closing costs less.

    The attempt creates it. exchange() reads bodies that it needs as a whole; client_state, the
    login and the download read the others. All functions run on the strand of the pool, except the
    destructor and the move operations, which may run on any thread.

    Invariants:
    - One read is outstanding at a time. The connection notifies the reading coroutine only while
      that read lasts, and no inactivity timeout runs between two reads.
    - After a failure, read_some() returns 0 as at the end of the body. The caller must remember the
      failure, as @ref cyclos::detail::download does.
*/
class response
{
public:
    CYCLOS_DECL response();
    CYCLOS_DECL response(response&&) noexcept;
    CYCLOS_DECL response& operator=(response&&) noexcept;
    CYCLOS_DECL ~response();

    /** Takes over a state whose parser has completed a header section.

        @param request_done Whether the request was sent completely. Otherwise the connection cannot
        carry another one.
    */
    CYCLOS_DECL response(std::unique_ptr<detail::response_state> received, bool request_done);

    /// The status code; 0 if there is no response.
    CYCLOS_DECL unsigned status() const noexcept;
    CYCLOS_DECL const header_fields& fields() const noexcept;
    CYCLOS_DECL const exchange_state& state() const noexcept;

    /// The length of the body, if the header section gives it.
    CYCLOS_DECL std::optional<std::uint64_t> content_length() const noexcept;

    /** Reads some bytes of the body.

        @return The number of bytes read; 0 at the end of the body, or if the target is empty.
        @throws cyclos::error if reading fails or is cancelled. The connection is closed.
    */
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target);

    /** Reads the rest of the body.

        @throws cyclos::error as read_some(), and with errc::body_limit if the rest is longer than
        the limit.
    */
    CYCLOS_DECL boost::asio::awaitable<std::string> read_all(std::uint64_t limit);

    /** Reads the whole body and stores it for whole_body().

        @param limit Maximum size of the body; 0 if there must be none.
        @throws cyclos::error as read_all(), and with errc::unexpected_response if there is a body
        although the limit is 0.
    */
    CYCLOS_DECL boost::asio::awaitable<void> complete(std::uint64_t limit);

    /// Like complete(), but without waiting: succeeds only if there is no body, or if all of it was
    /// received together with the header section. This saves a coroutine frame.
    /// @return Whether the body is complete. If not, nothing has changed.
    CYCLOS_DECL bool complete_at_once(std::uint64_t limit);

    /// The body as read by complete() or complete_at_once().
    CYCLOS_DECL std::string_view whole_body() const noexcept;

    /** Reads the rest of the body up to the limit, but for no longer than a second.

        Failures end the read, and the bytes received before are returned. To be used for the bodies
        of errors, which must not replace or delay the error.

        @throws cyclos::error with errc::cancelled only.
    */
    CYCLOS_DECL boost::asio::awaitable<std::string> read_excerpt(std::size_t limit);

    /// Ends the report of the request with success, because the rest of the body does not matter.
    CYCLOS_DECL void finish_report();

    /// Closes the connection, unless the body was read to its end.
    /// @param reason Is reported to the event hook as the result of the request.
    CYCLOS_DECL void close(const error_code& reason);

    /// Closes the connection without reading the body, and throws errc::unexpected_response.
    [[noreturn]] CYCLOS_DECL void reject_body(std::string detail);

    /// Wipes every internal buffer that the body passes through, because it contains a secret. To
    /// be called before the body is read.
    CYCLOS_DECL void wipe_buffers() noexcept;

    /// Takes over the report of the request, which ends together with the body.
    CYCLOS_DECL void set_report(request_report report);

    /// Whether nothing more can be read: the body was read to its end, reading has failed, the
    /// response was closed, or there is none.
    CYCLOS_DECL bool done() const noexcept;

private:
    /// The end of the body was reached: releases the connection.
    CYCLOS_DECL void finish();

    /// Closes the connection and reports this result.
    CYCLOS_DECL void close_with(const error_code& reason);

    CYCLOS_DECL bool worth_draining() const noexcept;
    CYCLOS_DECL static boost::asio::awaitable<void> drain(std::shared_ptr<response> rest);

    /// Throws the reason for which the last read has given no bytes.
    [[noreturn]] CYCLOS_DECL void fail_read(cyclos::detail::notifier& wakeup);
    [[noreturn]] CYCLOS_DECL void fail(const error_code& reason, std::string detail,
                                       const error_code& cause = {});
    CYCLOS_DECL void drain_or_close() noexcept;
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_raw(cyclos::detail::notifier& wakeup,
                                                             boost::asio::mutable_buffer target);
    CYCLOS_DECL boost::asio::awaitable<std::size_t>
    read_chunked(cyclos::detail::notifier& wakeup, boost::asio::mutable_buffer target);

    std::unique_ptr<detail::response_state> impl_;
};

/// Parses the timeout of a `Keep-Alive: timeout=N` field, if it has that parameter.
CYCLOS_DECL std::optional<std::chrono::seconds> parse_keep_alive(std::string_view value);

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/response/impl/response.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_RESPONSE_RESPONSE_HPP

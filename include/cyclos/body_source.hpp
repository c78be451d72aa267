//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_BODY_SOURCE_HPP
#define CYCLOS_BODY_SOURCE_HPP

#include <cyclos/detail/config.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/smart_ptr/make_shared_array.hpp>
#include <boost/smart_ptr/shared_ptr.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

/// Memory that is shared with system calls: an abandoned call may still write to it.
using shared_block = boost::shared_ptr<char[]>;

/// Allocates a block with a single allocation, and leaves its bytes uninitialised.
inline shared_block make_block(std::size_t size)
{
    return boost::make_shared_noinit<char[]>(size);
}

} // namespace detail

/** Interface of the data source of an upload.

    A source is read once from its beginning to its end. It is read again only if it can be rewound
    and the upload is repeated, which happens for a retry that the configuration allows and for a
    new login after the session has ended.

    @par Thread safety
    All functions are called on the executor of the client, one at a time.

    @par Cancellation
    If the upload ends before the source, the coroutine of the source is cancelled (terminal
    cancellation), and the upload waits for it to end.

    @warning A source that neither ends nor reacts to cancellation is the only thing that can keep
    an operation running beyond its deadline, its cancellation and client::close(). In a source of
    your own, wait only in Asio operations that support cancellation, and never block the thread.
    The sources of the library end at once.

    @par Lifetime
    A source is never used after the operation has completed, so it may refer to objects of the
    caller.

    @par Exceptions
    What a source throws ends the upload. A `system_error` is reported as errc::source_failed, with
    its code as error::cause(). A @ref cyclos::error with errc::source_failed, errc::source_changed
    or errc::source_rejected keeps its code. Other exceptions are rethrown unchanged.
*/
class body_source
{
public:
    virtual ~body_source() = default;

    /// Prepares for reading. It is called once, before anything is sent. A source of your own is
    /// opened before the upload acquires a connection, so it may use the same client.
    virtual boost::asio::awaitable<void> open() = 0;

    /// The total number of bytes, if it is known. It is called after open(). An upload of unknown
    /// length is sent with chunked transfer coding.
    virtual std::optional<std::uint64_t> length() const = 0;

    /// The file name to send.
    virtual std::string file_name() const = 0;

    /// The media type to send. If it is empty, it is detected from the first bytes: PNG, JPEG, GIF,
    /// or else `application/octet-stream`.
    virtual std::string media_type() const = 0;

    /// Reads at least one byte into the buffer, and returns the number of bytes; 0 at the end.
    virtual boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target) = 0;

    /// Whether the source can be read again from its beginning, after rewind().
    virtual bool rewindable() const { return false; }

    /// Goes back to the beginning.
    /// @throws cyclos::error with errc::source_failed if that is not possible.
    CYCLOS_DECL virtual boost::asio::awaitable<void> rewind();

    /// @cond internal
    /// Checks the source without opening it, while the upload waits for a connection: throws if the
    /// source cannot be used, and returns the length, if it is known.
    virtual boost::asio::awaitable<std::optional<std::uint64_t>> check() { co_return std::nullopt; }

    /// Whether the source is opened only when the upload has a connection, so that an upload that
    /// waits for one holds no resources. Sources of the user are opened before: open() may itself
    /// need a connection of the same client, and would deadlock with an upload that holds the last
    /// one.
    virtual bool opens_with_connection() const { return false; }

    /// Whether check() must run before a connection is acquired, because it may hang: then the
    /// upload holds no connection meanwhile. Otherwise it is skipped if there is an idle
    /// connection, since open() finds the same problems.
    virtual bool checks_before_connection() const { return false; }

    /// As read_some(), for a part of a block. An abandoned system call keeps the block alive.
    virtual boost::asio::awaitable<std::size_t> read_into(detail::shared_block /*block*/,
                                                          boost::asio::mutable_buffer target)
    {
        return read_some(target);
    }
    /// @endcond

protected:
    body_source() = default;
    body_source(const body_source&) = default;
    body_source(body_source&&) = default;
    body_source& operator=(const body_source&) = default;
    body_source& operator=(body_source&&) = default;
};

/// Owns a @ref body_source of any type. Uploads take it by value, so the caller need not keep it.
class source
{
public:
    /// Takes a source by value.
    template <std::derived_from<body_source> T>
    source(T object) // NOLINT(google-explicit-constructor): an upload takes a file_source as it is
        : source_(std::make_unique<T>(std::move(object)))
    {}

    /// Takes over a source. Uploads reject a null pointer with errc::invalid_argument.
    template <std::derived_from<body_source> T>
    source(std::unique_ptr<T> object) // NOLINT(google-explicit-constructor)
        : source_(std::move(object))
    {}

    /// The source; null if it is empty or moved from.
    body_source* operator->() const noexcept { return source_.get(); }

    /// Whether it owns a source.
    explicit operator bool() const noexcept { return source_ != nullptr; }

private:
    std::unique_ptr<body_source> source_;
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/impl/body_source.ipp>
#endif

#endif // CYCLOS_BODY_SOURCE_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_BODY_SOURCE_HPP
#define CYCLOS_HTTP_BODY_SOURCE_HPP

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

namespace cyclos::inline CYCLOS_ABI {

namespace detail {

/// Memory that a call of the system may keep which nobody waits for any more.
using shared_block = boost::shared_ptr<char[]>;

/// With one allocation, and without setting the bytes to anything.
inline shared_block make_block(std::size_t size)
{
    return boost::make_shared_noinit<char[]>(size);
}

} // namespace detail

/** What an upload reads its bytes from.

    A source is read from its beginning to its end; again only where it says that it can be rewound, and the upload is
    repeated: as the configuration allows it, or after a login because the session had ended. All of its functions are
    called on the executor of the client, one at a time. Where the upload ends before the source, what the source is
    doing is cancelled (terminal cancellation), and the upload waits for that to end: a source is never used after the
    operation, and may refer to what the caller owns.

    @warning This is the one thing that can hold up an operation beyond its deadline, its cancellation and
    client::close(): a source of yours that neither ends nor takes a cancellation. Wait in a source only by operations
    of Asio's that take cancellation, and block no thread. The sources of the library end at once.
*/
class body_source
{
public:
    virtual ~body_source() = default;

    /// Makes ready for reading; called once, when there is a connection, and before anything is sent. What it throws
    /// ends the upload.
    virtual boost::asio::awaitable<void> open() = 0;

    /// The bytes that there are in all, where that is known; asked after open().
    virtual std::optional<std::uint64_t> length() const = 0;

    /// The file name that is sent.
    virtual std::string file_name() const = 0;

    /// The media type that is sent. Where it is empty, it is told from the first bytes.
    virtual std::string media_type() const = 0;

    /// Reads at least one byte; 0 says that there are no more.
    virtual boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target) = 0;

    /// Whether rewind() is possible.
    virtual bool rewindable() const { return false; }

    /// Goes back to the beginning. @throws cyclos::error with errc::source_failed where that is not possible.
    CYCLOS_DECL virtual boost::asio::awaitable<void> rewind();

    /// @cond internal
    /// Throws what can be told without holding anything, while the upload waits for a connection. Gives the length, if
    /// that is known.
    virtual boost::asio::awaitable<std::optional<std::uint64_t>> check() { co_return std::nullopt; }

    /// Whether it is opened when the upload has a connection, so that one that waits holds nothing. Other sources may
    /// need a connection of the same client to be opened, and would wait for the upload that waits for them.
    virtual bool opens_with_connection() const { return false; }

    /// Whether check() comes before any connection is taken, because it may not return: who waits for it holds nothing.
    /// Otherwise it is left out if an idle connection is at hand, as open() tells the same.
    virtual bool checked_first() const { return false; }

    /// The same as read_some() for a part of a block. A call of the system that is left behind may keep the block.
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

/// How far a transfer has come.
struct transfer_progress
{
    std::uint64_t bytes = 0;                 ///< Of the image, sent or received so far.
    std::optional<std::uint64_t> total = {}; ///< In all, where that is known.
};

/** Is told how far a transfer has come: at most once for each block, and at the end.

    It is called on the executor of the client, and had better be quick. What it throws ends the transfer, and comes out
    of it as it is; an upload may have been stored, if that was the last call.
*/
using progress_hook = std::function<void(const transfer_progress&)>;

/// Any body source, owned. An upload takes it by value: nothing has to outlive the call.
class source
{
public:
    template <std::derived_from<body_source> T>
    source(T what) // NOLINT(google-explicit-constructor): a file_source is to be given as it is
        : what_(std::make_unique<T>(std::move(what)))
    {}

    template <std::derived_from<body_source> T>
    source(std::unique_ptr<T> what) // NOLINT(google-explicit-constructor)
        : what_(std::move(what))
    {}

    body_source* operator->() const noexcept { return what_.get(); }
    explicit operator bool() const noexcept { return what_ != nullptr; }

    /// Whom with_progress() has named.
    const progress_hook& on_progress() const noexcept { return on_progress_; }

private:
    friend source with_progress(source what, progress_hook hook);

    std::unique_ptr<body_source> what_;
    progress_hook on_progress_;
};

/** A source whose upload tells how far it has come.

    What counts as sent is what the system has taken. Where an upload is repeated, it begins anew.

    @code
    auto stored = co_await images.upload_ad_image(
        "42", cyclos::with_progress(cyclos::file_source("chair.jpg"),
                                    [](const cyclos::transfer_progress& p) { std::cerr << p.bytes << '\n'; }));
    @endcode
*/
inline source with_progress(source what, progress_hook hook)
{
    what.on_progress_ = std::move(hook);
    return what;
}

} // namespace cyclos::inline CYCLOS_ABI

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/body_source.ipp>
#endif

#endif // CYCLOS_HTTP_BODY_SOURCE_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_DOWNLOAD_HPP
#define CYCLOS_DETAIL_CLIENT_DOWNLOAD_HPP

#include <cyclos/body_source.hpp>
#include <cyclos/detail/client/client_state.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/response/response.hpp>
#include <cyclos/detail/http/retry/retry_schedule.hpp>
#include <cyclos/detail/net/pool.hpp>
#include <cyclos/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

// The body of a download, which is resumed with range requests if a connection is lost.
//
// States:
//   reading first_  read_some() returns bytes of the first response.
//   resuming        A read has failed, and may_resume(): resume() requests the rest, with the
//                   delays and the budget of retries, until there is a usable response or no
//                   attempt is left. downloads.max_resumes limits the attempts of the download.
//   reading rest_   As in the first state, but from the response to the last range request. If the
//                   server has sent the whole content instead, skip_ bytes are discarded first.
//   failed          failure_ is set. Failures are sticky: reading on would skip bytes or report a
//                   false end.
//
// Threads: image_content calls read_some() and abort() on the strand of the shard, in coroutines
// whose awaits do not throw on cancellation. It calls the accessors on the caller's executor, while
// nothing is read.
//
// Invariants: a resumed content is identical to the first one: same strong ETag, same total length.
// No more bytes are returned than the first response announced. The attempts to resume run on the
// shard of the first response.

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/** The body of a response, and of the range requests that continue it.

    A download can be resumed if the first response has a status of 200, a length, a strong `ETag`
    and `Accept-Ranges: bytes`.
*/
class download
{
public:
    /// @param request The operation without its source and conditions, for range requests.
    CYCLOS_DECL download(open_response opened, std::shared_ptr<client_state> client,
                         operation request);

    const boost::asio::any_io_executor& executor() const noexcept { return shard_->executor(); }
    const http::response& first() const noexcept { return first_; }
    const http::exchange_state& state() const noexcept { return current().state(); }

    bool done() const noexcept { return !failure_ && current().done(); }

    /// The pool whose connections it uses.
    net::pool* pool() const noexcept { return shard_.get(); }

    /// Throws the failure that has ended the download, if there is one.
    void rethrow_failure() const
    {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

    /// Ends the download with a failure, and closes its connection. Every read throws the failure
    /// from now on. Does nothing if the download has failed already.
    CYCLOS_DECL void abort(std::exception_ptr failure);

    /// The number of bytes that have been returned by read_some().
    std::uint64_t position() const noexcept { return position_; }

    /// Reads at least one byte; 0 at the end.
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target);

private:
    const http::response& current() const noexcept { return rest_ ? *rest_ : first_; }
    http::response& current() noexcept { return rest_ ? *rest_ : first_; }

    CYCLOS_DECL boost::asio::awaitable<std::size_t>
    read_or_resume(boost::asio::mutable_buffer target);
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_rest(boost::asio::mutable_buffer target);
    CYCLOS_DECL boost::asio::awaitable<void> read_end();
    CYCLOS_DECL bool may_resume(const error& failure) const;
    CYCLOS_DECL boost::asio::awaitable<void> resume(std::exception_ptr failure);
    CYCLOS_DECL static bool is_final(const error_code& code) noexcept;
    CYCLOS_DECL std::optional<http::retry_schedule::duration>
    delay_after(const error& failure, http::retry_schedule& schedule) const;
    CYCLOS_DECL boost::asio::awaitable<void> sleep_for(http::retry_schedule::duration time);
    CYCLOS_DECL operation make_range_request() const;
    CYCLOS_DECL std::string accept_rest(http::response rest);
    [[noreturn]] CYCLOS_DECL void fail(errc code, std::string detail) const;

    http::response first_;
    std::optional<http::response> rest_; // the response to the last range request
    std::shared_ptr<net::pool> shard_;
    std::shared_ptr<client_state> client_;
    operation request_;
    unsigned resumes_left_;
    std::uint64_t position_ = 0;
    std::uint64_t skip_ = 0; // bytes of rest_ to discard because they have been returned before
    std::exception_ptr failure_;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/client/impl/download.ipp>
#endif

#endif // CYCLOS_DETAIL_CLIENT_DOWNLOAD_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_DOWNLOAD_HPP
#define CYCLOS_IMPL_DOWNLOAD_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/http/body_source.hpp>
#include <cyclos/http/response.hpp>
#include <cyclos/http/retry.hpp>
#include <cyclos/impl/client_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>

namespace cyclos::inline CYCLOS_ABI::detail {

/** The body of an answer on its way: one response, and others that go on where a connection was lost.

    Going on takes a server that tells the length and a strong `ETag`, and takes ranges: then a request for the rest
    is answered with just that rest, of the very same content. The parts are checked against each other: without the
    same `ETag` they are not put together. A response with the whole of the same content serves as well; what is there
    of it is skipped. No more is handed out than the first response said that there is.

    An attempt that fails for a reason that may pass, such as a connection that cannot be opened, is followed by another
    one as those of any request are, after the same waits. Each is one of `downloads.max_resumes`.

    All that reads runs on the executor that it was opened on.
*/
class download
{
public:
    /// @param again The operation without its credentials, to ask for the rest.
    CYCLOS_DECL download(open_response opened, std::shared_ptr<client_state> client, operation again);

    const boost::asio::any_io_executor& executor() const noexcept { return shard_->executor(); }
    const http::response& first() const noexcept { return first_; }
    const http::progress& state() const noexcept { return present().state(); }

    bool done() const noexcept { return !failure_ && present().done(); }

    /// The connections that it is read over.
    net::pool* connections() const noexcept { return shard_.get(); }

    /// Throws the failure that has ended it, if any.
    void rethrow_failure() const
    {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
    }

    /// Ends it, unless it has failed already: whatever reads from now on throws that, and the connection is closed.
    CYCLOS_DECL void give_up(std::exception_ptr why);

    /// The bytes that were read so far.
    std::uint64_t position() const noexcept { return position_; }

    void on_progress(progress_hook hook) { on_progress_ = std::move(hook); }

    /// Reads some bytes; 0 at the end.
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target);

private:
    const http::response& present() const noexcept { return rest_ ? *rest_ : first_; }
    http::response& present() noexcept { return rest_ ? *rest_ : first_; }

    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_or_go_on(boost::asio::mutable_buffer target);
    CYCLOS_DECL boost::asio::awaitable<std::size_t> read_rest(boost::asio::mutable_buffer target);
    CYCLOS_DECL boost::asio::awaitable<void> read_end();
    CYCLOS_DECL bool may_go_on(const error& failure) const;
    CYCLOS_DECL boost::asio::awaitable<void> go_on(std::exception_ptr failure);
    CYCLOS_DECL static bool is_final(const error_code& code) noexcept;
    CYCLOS_DECL std::optional<http::retries::duration> wait_after(const error& failure, http::retries& further) const;
    CYCLOS_DECL boost::asio::awaitable<void> pause(http::retries::duration time);
    CYCLOS_DECL operation request_for_rest() const;
    CYCLOS_DECL std::string accept(http::response rest);
    [[noreturn]] CYCLOS_DECL void fail(errc why, std::string detail) const;

    http::response first_;
    std::optional<http::response> rest_; // where the first one broke off
    std::shared_ptr<net::pool> shard_;   // that it is read on
    std::shared_ptr<client_state> client_;
    operation again_;
    unsigned resumes_left_;
    std::uint64_t position_ = 0;
    std::uint64_t skip_ = 0; // bytes of the present response that were handed out before
    progress_hook on_progress_;
    std::exception_ptr failure_; // for good
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/impl/download.ipp>
#endif

#endif // CYCLOS_IMPL_DOWNLOAD_HPP

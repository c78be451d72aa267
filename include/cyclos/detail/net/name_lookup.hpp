//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_NAME_LOOKUP_HPP
#define CYCLOS_DETAIL_NET_NAME_LOOKUP_HPP

#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

/** A name look-up that is shared by all connections that are being opened.

    `getaddrinfo` cannot be cancelled, and Asio runs the calls of an execution context one after the
    other, on one thread. So the connections of a pool share one call, and a call that has not
    started is cancelled when nobody waits for it any more. Otherwise such calls would delay other
    look-ups of the program, and the end of its event loop.

    Everything runs on the strand of the pool.
*/
class name_lookup : public std::enable_shared_from_this<name_lookup>
{
public:
    /// Registers a notifier for the end of the look-up, for the lifetime of this object.
    class waiter : public boost::intrusive::list_base_hook<>
    {
    public:
        waiter(std::shared_ptr<name_lookup> lookup, cyclos::detail::notifier& notified)
            : lookup_(std::move(lookup))
            , notified_(notified)
        {
            lookup_->waiters_.push_back(*this);
        }

        waiter(const waiter&) = delete;
        waiter& operator=(const waiter&) = delete;

        ~waiter()
        {
            lookup_->waiters_.erase(lookup_->waiters_.iterator_to(*this));
            lookup_->cancel_if_abandoned();
        }

    private:
        friend name_lookup;

        std::shared_ptr<name_lookup> lookup_;
        cyclos::detail::notifier& notified_;
    };

    explicit name_lookup(const boost::asio::any_io_executor& executor)
        : resolver_(executor)
    {}

    /** Joins the current look-up, or starts a new one if that has ended or was cancelled.

        @param current The current look-up. Refers to the returned one afterwards.
    */
    static std::shared_ptr<name_lookup> join(std::weak_ptr<name_lookup>& current,
                                             const boost::asio::any_io_executor& executor,
                                             const std::string& host, const std::string& port)
    {
        auto lookup = current.lock();
        if (!lookup || lookup->done_ || lookup->cancelled_) {
            lookup = std::make_shared<name_lookup>(executor);
            lookup->start(host, port);
            current = lookup;
        }
        return lookup;
    }

    bool done() const noexcept { return done_; }

    /// The error of the look-up, or success.
    const error_code& failure() const noexcept { return failure_; }

    const std::vector<boost::asio::ip::tcp::endpoint>& addresses() const noexcept
    {
        return addresses_;
    }

private:
    void start(const std::string& host, const std::string& port)
    {
        using results_type = boost::asio::ip::tcp::resolver::results_type;
        resolver_.async_resolve(
            host, port,
            [self = shared_from_this()](const error_code& failure, const results_type& results) {
                self->complete(failure, results);
            });
    }

    void complete(const error_code& failure,
                  const boost::asio::ip::tcp::resolver::results_type& results)
    {
        done_ = true;
        failure_ = failure;
        for (const auto& entry : results) {
            addresses_.push_back(entry.endpoint());
        }
        for (const waiter& w : waiters_) {
            w.notified_.notify_later();
        }
    }

    void cancel_if_abandoned()
    {
        if (waiters_.empty() && !done_) {
            cancelled_ = true;
            resolver_.cancel();
        }
    }

    boost::asio::ip::tcp::resolver resolver_;
    boost::intrusive::list<waiter> waiters_;
    bool done_ = false;
    bool cancelled_ = false;
    error_code failure_;
    std::vector<boost::asio::ip::tcp::endpoint> addresses_;
};

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_NAME_LOOKUP_HPP

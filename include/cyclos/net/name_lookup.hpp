//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_NAME_LOOKUP_HPP
#define CYCLOS_NET_NAME_LOOKUP_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>
#include <cyclos/net/error.hpp>

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

/** The look-up of a host name, which the connections that are being opened at the same time share.

    `getaddrinfo` cannot be cancelled, and Asio makes the calls of a context one after the other, on one thread. So
    there is one call for all connections of a pool, and one that has not begun when nobody waits for it any more is
    cancelled: otherwise those calls would delay other look-ups of the program, and the end of its event loop.

    All of it runs on the strand of the pool.
*/
class name_lookup : public std::enable_shared_from_this<name_lookup>
{
public:
    /// Notifies an event when the look-up has ended, for as long as it lives.
    class waiter : public boost::intrusive::list_base_hook<>
    {
    public:
        waiter(std::shared_ptr<name_lookup> awaited, cyclos::detail::event& notified)
            : lookup_(std::move(awaited))
            , notified_(notified)
        {
            lookup_->waiters_.push_back(*this);
        }

        waiter(const waiter&) = delete;
        waiter& operator=(const waiter&) = delete;

        ~waiter()
        {
            lookup_->waiters_.erase(lookup_->waiters_.iterator_to(*this));
            lookup_->cancel_if_unwanted();
        }

    private:
        friend name_lookup;

        std::shared_ptr<name_lookup> lookup_;
        cyclos::detail::event& notified_;
    };

    explicit name_lookup(const boost::asio::any_io_executor& executor)
        : resolver_(executor)
    {}

    /** The present look-up, if there is one that can be joined, or else a new one.

        @param present Refers to the one that is returned afterwards. */
    static std::shared_ptr<name_lookup> join(std::weak_ptr<name_lookup>& present,
                                             const boost::asio::any_io_executor& executor, const std::string& host,
                                             const std::string& port)
    {
        auto lookup = present.lock();
        if (!lookup || lookup->done_ || lookup->cancelled_) {
            lookup = std::make_shared<name_lookup>(executor);
            lookup->start(host, port);
            present = lookup;
        }
        return lookup;
    }

    bool done() const noexcept { return done_; }

    /// Why it has failed, if it has.
    const error_code& failure() const noexcept { return failure_; }

    const std::vector<boost::asio::ip::tcp::endpoint>& addresses() const noexcept { return addresses_; }

private:
    void start(const std::string& host, const std::string& port)
    {
        using results = boost::asio::ip::tcp::resolver::results_type;
        resolver_.async_resolve(host, port,
                                [self = shared_from_this()](const error_code& failure, const results& found) {
                                    self->end(failure, found);
                                });
    }

    void end(const error_code& failure, const boost::asio::ip::tcp::resolver::results_type& found)
    {
        done_ = true;
        failure_ = failure;
        for (const auto& entry : found) {
            addresses_.push_back(entry.endpoint());
        }
        for (const waiter& each : waiters_) {
            each.notified_.notify_later();
        }
    }

    void cancel_if_unwanted()
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

#endif // CYCLOS_NET_NAME_LOOKUP_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_EXCHANGE_HPP
#define CYCLOS_DETAIL_HTTP_EXCHANGE_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/exchange_settings.hpp>
#include <cyclos/detail/http/exchange_state.hpp>
#include <cyclos/detail/http/request/request.hpp>
#include <cyclos/detail/http/response/expectation.hpp>
#include <cyclos/detail/http/response/response.hpp>
#include <cyclos/detail/net/pool.hpp>

#include <boost/asio/awaitable.hpp>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/** Sends a request and receives the header section of its response.

    If the operation expects a body of limited size (expectation::body_limit), exchange() receives
    that as well, so that a response which breaks off can be retried. Otherwise the caller reads
    the body from the returned response.

    How it works:
    - One coroutine runs the whole exchange. @ref detail::pooled_send and @ref detail::attempt do
      the work without waiting; the coroutine waits for its notifier between their steps.
    - The response is read from the beginning: a server may answer an upload before it has read all
      of it. One block of a source is read while the block before it is being sent.
    - @ref detail::exchange_machine decides what follows a failure: a replay over a new connection,
      a retry, or the end.
    - An upload acquires its connection before its source is opened, and releases both before it
      sleeps, so that a request that waits holds no file and no block.
    - At the end it waits for the source, which may refer to what the caller owns.

    @par Thread safety
    It must run on the strand of the pool, in a coroutine whose awaits do not throw on cancellation
    (see @ref cyclos::detail::on_strand).

    @par Lifetime
    The pool, the state and the settings must outlive the exchange. The request is taken over at
    once.

    @param state Phase, sent state and attempts of the exchange, always up to date. The response
        ends its report.
    @param intent The use that the request makes of its connection.
    @throws cyclos::error, and what a source or a progress callback of the user throws.
*/
CYCLOS_DECL boost::asio::awaitable<response> exchange(net::pool& connections, request&& content,
                                                      exchange_state& state,
                                                      exchange_settings& settings,
                                                      net::purpose intent, expectation expected);

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/impl/exchange.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_EXCHANGE_HPP

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

/** Sends a request over a connection of the pool, and reads the head of its response; all of it,
    where that is asked for and it is one of success, so that a response which breaks off can be
    followed by another attempt.

    The response is read from the beginning, so that a server may answer before it has read all of
    an upload. The file of an upload is read into one block while the one before it is being sent.

    A request that fails on a connection which has carried one before or lain idle, with no byte of
    a response, is sent once more over a new one, if nothing of it was sent, or it is no upload.
    Other attempts follow only where the settings say so.

    It runs on the strand of the pool, in a coroutine whose awaits do not throw on cancellation (see
    @ref cyclos::detail::on_strand).

    What it is given has to stay until it has ended, but for the request.

    @param message Is taken at once.
    @param state How far it has come, all the time. Its report ends with the response.
    @param intent What it does with its connection.
    @throws cyclos::error
*/
CYCLOS_DECL boost::asio::awaitable<response> exchange(net::pool& connections, request&& message,
                                                      exchange_state& state,
                                                      exchange_settings& settings,
                                                      net::purpose intent, expectation wanted);

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/impl/exchange.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_EXCHANGE_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_CLIENT_HPP
#define CYCLOS_CLIENT_HPP

#include <cyclos/config.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/net/pool_core.hpp>
#include <cyclos/operation.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>

namespace cyclos::inline CYCLOS_ABI {

namespace detail {
class client_state;
} // namespace detail

/** The connections to one server, and who one is to it. The operations are in @ref images_api.

    A client belongs to one executor, on which all of its work runs; unless the configuration says that this executor
    is serial, the client puts a strand on top of it. Its operations may be called on any thread and from any
    executor: they go over to the client's and come back.

    A client that was moved from can be destroyed and assigned to. It has nothing to close and no statistics, its
    executor is empty, and @ref images_api refuses it.

    Destroying a client ends what is in flight with errc::client_closed. Nothing dangles: operations keep alive what
    they use.

    Connections are kept for the next request, and watched meanwhile: `io_context::run` does not return while there is
    one. close() or the destructor lets it.

    @code
    boost::asio::io_context context;
    cyclos::client client{context, cyclos::config{"https://demo.cyclos.org/api"}};
    @endcode
*/
class client
{
public:
    /** Makes a client. No connection is opened before the first operation, unless the pool is to keep some.

        @throws cyclos::error with errc::invalid_config or errc::insecure_transport, and what is wrong.
    */
    CYCLOS_DECL client(boost::asio::any_io_executor executor, config settings);

    /// Makes a client on the executor of an execution context, such as an `io_context` or a `thread_pool`.
    template <class Context>
        requires std::derived_from<Context, boost::asio::execution_context>
    client(Context& context, config settings)
        : client(boost::asio::any_io_executor(context.get_executor()), std::move(settings))
    {}

    client(client&&) noexcept = default;
    client(const client&) = delete;
    client& operator=(const client&) = delete;
    CYCLOS_DECL client& operator=(client&&) noexcept;
    CYCLOS_DECL ~client();

    /// The executor that the work runs on, of the first shard where there are several: a coroutine that runs on it
    /// calls without a detour.
    CYCLOS_DECL boost::asio::any_io_executor get_executor() const noexcept;

    /** The executor of the n-th shard, where counting goes on from the last to the first: coroutines that are spawned
        on one after the other spread over all of them, and none calls with a detour.

        @code
        asio::co_spawn(client.get_executor(next++), serve(std::move(connection), client), asio::detached);
        @endcode
    */
    CYCLOS_DECL boost::asio::any_io_executor get_executor(std::size_t n) const noexcept;

    /** Closes the client in order: takes no more operations, fails those that wait for a connection with
        errc::client_closed, waits for those in flight, and cuts them once the grace is over.

        Where the credentials are a session_login() that says so, the session ends then too, if there is time left.

        A content that has not been read to its end is in flight. It may be awaited anywhere; cancelling it cuts at
        once.
    */
    CYCLOS_DECL operation<void> close(std::chrono::steady_clock::duration grace);

    /// What the pool of connections holds and has done. May be awaited anywhere.
    CYCLOS_DECL operation<net::pool_stats> stats() const;

    /// @cond internal
    const std::shared_ptr<detail::client_state>& state() const noexcept { return state_; }
    /// @endcond

private:
    std::shared_ptr<detail::client_state> state_;
};

} // namespace cyclos::inline CYCLOS_ABI

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/impl/client.ipp>
#endif

#endif // CYCLOS_CLIENT_HPP

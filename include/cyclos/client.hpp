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
#include <cyclos/operation.hpp>
#include <cyclos/pool_stats.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {
class client_state;
} // namespace detail

/** A connection pool for one server, and its default user.

    The operations of the API are in @ref images_api, which is a handle on a client.

    All work of a client runs on the executor that it is constructed with. The client puts a strand
    on top of that executor, unless config::serial_executor is set. With config::shards, the client
    has several strands.

    The client keeps connections open for the next request and watches idle ones, so that it notices
    when the server closes them. `io_context::run` therefore does not return while a connection is
    open: close() or the destructor ends that work.

    @code
    boost::asio::io_context context;
    cyclos::client client{context, cyclos::config{"https://demo.cyclos.org/api"}};
    @endcode

    @par Thread safety
    Distinct objects: safe. Shared objects: const member functions, set_tls(), warm_up(),
    close_idle_connections(), close() and the operations of @ref images_api may be called from any
    thread and awaited on any executor. They switch to the client's executor and complete on the
    caller's. No thread may move from, assign to or destroy a client while another thread uses the
    same object.

    @par Lifetime
    Destroying a client aborts everything in flight with errc::client_closed. Operations keep alive
    what they use, so they may outlive the client. The execution context must outlive the client.

    @par Moved-from objects
    A moved-from client may be destroyed or assigned to. Its close() does nothing, its statistics
    are zero, its executor is empty, and the constructor of @ref images_api rejects it.
*/
class client
{
public:
    /** Constructs a client. No connection is opened before the first operation, unless
        pool_config::min_connections asks for it.

        @param executor The executor that all work of the client runs on.
        @param settings The configuration.

        @throws cyclos::error with errc::invalid_config or errc::insecure_transport if validate()
        rejects the configuration, and with errc::invalid_config if a certificate or a private key
        cannot be loaded. The details name the setting.
    */
    CYCLOS_DECL client(boost::asio::any_io_executor executor, config settings);

    /// Constructs a client on the executor of an execution context, such as an `io_context` or a
    /// `thread_pool`.
    template <class Context>
        requires std::derived_from<Context, boost::asio::execution_context>
    client(Context& context, config settings)
        : client(boost::asio::any_io_executor(context.get_executor()), std::move(settings))
    {}

    client(client&&) noexcept = default;
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    /// Aborts what is in flight, as the destructor does, and takes over the other client.
    CYCLOS_DECL client& operator=(client&&) noexcept;

    /// Aborts everything in flight with errc::client_closed. It does not log out: see close().
    CYCLOS_DECL ~client();

    /// The executor that the work runs on; with several shards, that of the first one. A coroutine
    /// that runs on it calls operations without switching executors.
    CYCLOS_DECL boost::asio::any_io_executor get_executor() const noexcept;

    /** The executor of the shard with the number `n` modulo config::shards.

        Coroutines that are spawned on one shard after the other spread over all of them, and none
        has to switch executors for an operation.

        @code
        asio::co_spawn(client.shard_executor(next++), serve(std::move(connection), client),
                       asio::detached);
        @endcode
    */
    CYCLOS_DECL boost::asio::any_io_executor shard_executor(std::size_t n) const noexcept;

    /** Replaces the TLS settings, for instance to renew the client certificate.

        Connections that are opened after this call use the new settings, and resume no TLS session
        of the earlier ones. Connections that are open or being opened keep theirs, so those in use
        are not disturbed. The settings also apply to a proxy over TLS.

        The files are read during this call, which may block. If it throws, the settings remain as
        they were.

        @param settings All TLS settings, not only those that change.

        @throws cyclos::error with errc::invalid_config if a certificate, a private key or a pin
        cannot be used, or if the base URL is plain `http://`, also behind a proxy over TLS. Does
        nothing if the client was moved from.

        @par Thread safety
        May be called from any thread.
    */
    CYCLOS_DECL void set_tls(const tls_config& settings);

    /** Opens connections before the first requests need them.

        It opens what is missing, and waits until that is open. Requests can use each connection as
        soon as it is open.

        @param count The number of open connections, idle or in use, limited by
        pool_config::max_connections. They are distributed over the shards.

        @throws cyclos::error with the reason if a connection cannot be opened, as for a request;
        with errc::acquire_timeout if that takes too long.

        @par Thread safety
        May be called from any thread and awaited on any executor.

        @par Cancellation
        All types of cancellation end it. Connections that are being opened are still opened.
    */
    CYCLOS_DECL operation<void> warm_up(std::size_t count);

    /** Closes the idle connections, for instance after set_tls(), or before a long pause.

        Connections in use are not closed. If there is a pool_config::min_connections, as many are
        opened again.

        @par Thread safety
        May be called from any thread. It does not wait until the connections are closed.
    */
    CYCLOS_DECL void close_idle_connections();

    /** Graceful shutdown.

        The client rejects new operations, fails queued ones with errc::client_closed, lets running
        ones finish, and aborts what is left when the grace period ends. A download is running until
        its content has been read to the end.

        It then ends the sessions of credentials::session_login() with
        session_login_options::log_out_on_close at the server, those of all users, as far as the
        grace period has time left.

        @param grace The grace period. Zero aborts at once; more than 24 hours counts as 24 hours.

        @par Thread safety
        May be called from any thread and awaited on any executor.

        @par Cancellation
        All types of cancellation abort everything in flight at once.
    */
    CYCLOS_DECL operation<void> close(std::chrono::steady_clock::duration grace);

    /** Statistics of the connection pool, summed over all shards.

        The shards are read one after the other, so with several of them the sum is not a snapshot
        of one moment.

        @par Thread safety
        May be called from any thread and awaited on any executor.
    */
    CYCLOS_DECL operation<cyclos::pool_stats> stats() const;

    /// @cond internal
    const std::shared_ptr<detail::client_state>& state() const noexcept { return state_; }
    /// @endcond

private:
    std::shared_ptr<detail::client_state> state_; // null once moved from
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/impl/client.ipp>
#endif

#endif // CYCLOS_CLIENT_HPP

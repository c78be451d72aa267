//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMPL_AUTHENTICATOR_HPP
#define CYCLOS_IMPL_AUTHENTICATOR_HPP

#include <cyclos/credentials.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>
#include <cyclos/http/progress.hpp>
#include <cyclos/impl/login.hpp>
#include <cyclos/net/pool.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace cyclos::inline CYCLOS_ABI::detail {

class client_state;

/// Who the client is for now.
class identity
{
public:
    identity(credentials who, session_login_options options)
        : who_(std::move(who))
        , options_(options)
    {}

    std::string_view header_field() const noexcept { return who_.header_field(); }
    const credentials& who() const noexcept { return who_; }
    session_login_options options() const noexcept { return options_; }

private:
    credentials who_;
    session_login_options options_; // of the login that it comes from
};

using identity_ptr = std::shared_ptr<const identity>;

/** Keeps who the client is, where that is found out only when it is needed: by a login, or by a coroutine of the user.

    There is one search for all the requests that need one at the same time. It is a coroutine of its own on the first
    shard, so that no request can cancel it for the others. Requests wait on their own shards. What they share is
    under a mutex, which a request takes once where the client knows who it is.
*/
class authenticator : public std::enable_shared_from_this<authenticator>
{
public:
    /// @param connections Those of the first shard.
    CYCLOS_DECL authenticator(const config& settings, session_service service, std::shared_ptr<net::pool> connections);

    /// Who the client is, if that is known, and not what a request was just refused with.
    CYCLOS_DECL identity_ptr present(const identity_ptr& refused);

    /** The same, once it is known. Runs on the strand of the shard, in a coroutine whose awaits do not throw on
        cancellation.

        @param owner Is kept alive while there is a search.
        @param shard The one that the request belongs to: where it is stopped, there is nothing to wait for.
        @throws cyclos::error, or what a provider throws.
    */
    CYCLOS_DECL boost::asio::awaitable<identity_ptr> find(std::shared_ptr<client_state> owner, net::pool& shard,
                                                          http::progress& state, identity_ptr refused);

    /** The server no longer takes these credentials: the next request finds others.

        @return Whether there may be others. Credentials that were found again right after they had been refused are
        kept for some seconds, so that a provider that knows no better is asked once, and not for every request. */
    CYCLOS_DECL bool renew(const identity_ptr& which);

    /// The server has refused a request with the code `login`.
    CYCLOS_DECL void refuse(const identity_ptr& which, std::shared_ptr<const refusal> answer);

    /// Ends the session, where that was asked for. The pools are closed by then; it opens a connection of its own.
    CYCLOS_DECL boost::asio::awaitable<void> log_out(http::progress::time_point end);

private:
    class waiter;
    class search;
    class provision;

    CYCLOS_DECL static boost::asio::awaitable<void> run(std::shared_ptr<client_state> owner,
                                                        std::shared_ptr<authenticator> self,
                                                        std::shared_ptr<search> one, credentials_need need);
    CYCLOS_DECL boost::asio::awaitable<identity_ptr> look(credentials_need need, login_failure& failure);
    CYCLOS_DECL boost::asio::awaitable<credentials> ask_provider(credentials_need need);
    CYCLOS_DECL void start_provider(const std::shared_ptr<provision>& asked, credentials_need need);
    CYCLOS_DECL bool is_refused(const credentials& who, login_failure& failure);
    CYCLOS_DECL void remember(const credentials& who, std::shared_ptr<const refusal> answer);
    CYCLOS_DECL void end(search& one, identity_ptr found, login_failure failure);
    CYCLOS_DECL bool has_ended(const search& one);

    credentials given_;
    std::shared_ptr<const credentials::provider> provider_; // of this client alone: it may change what it captured
    session_service service_;
    std::shared_ptr<net::pool> connections_;
    std::size_t head_size_;
    std::chrono::milliseconds provider_timeout_;

    std::mutex mutex_;               // of all that follows, and of what is in a search
    identity_ptr present_;           // null: not known
    std::shared_ptr<search> search_; // null: there is none
    bool asked_ = false;             // the provider has given something before

    // What was refused last, and others were looked for.
    std::shared_ptr<const identity> renewed_;
    http::progress::time_point renewed_at_;

    // What is never sent again.
    secret refused_;
    std::shared_ptr<const refusal> refusal_;
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/impl/authenticator.ipp>
#endif

#endif // CYCLOS_IMPL_AUTHENTICATOR_HPP

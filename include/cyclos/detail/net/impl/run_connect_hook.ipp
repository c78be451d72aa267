//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_NET_IMPL_RUN_CONNECT_HOOK_IPP
#define CYCLOS_DETAIL_NET_IMPL_RUN_CONNECT_HOOK_IPP

#include <cyclos/detail/net/run_connect_hook.hpp>

#include <cyclos/detail/base/abandon_on_exit.hpp>
#include <cyclos/detail/base/printable.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace net {

namespace detail {

/// A call of the hook. connect() may abandon it before it returns.
class connect_hook_call
{
public:
    void abandon() noexcept { owner = nullptr; }

    cyclos::detail::notifier* owner = nullptr;
    boost::asio::cancellation_signal cancel;
    bool done = false;
    std::optional<connected_socket> socket;
    std::exception_ptr failure;
};

/// Calls the hook, and keeps the function alive until its coroutine ends: the coroutine of a lambda
/// refers to the captures of the lambda.
inline boost::asio::awaitable<void> invoke_connect_hook(std::shared_ptr<const connect_hook> hook,
                                                        connect_target target,
                                                        std::shared_ptr<connect_hook_call> call)
{
    auto operation = (*hook)(std::move(target));
    call->socket.emplace(co_await std::move(operation));
}

inline void start_connect_hook(const boost::asio::any_io_executor& executor,
                               std::shared_ptr<const connect_hook> hook, connect_target target,
                               const std::shared_ptr<connect_hook_call>& call)
{
    auto completion = [call](std::exception_ptr failure) {
        call->done = true;
        call->failure = std::move(failure);
        if (call->owner != nullptr) {
            call->owner->notify();
        }
        else {
            call->socket.reset(); // the connection was aborted
        }
    };
    boost::asio::co_spawn(
        executor, invoke_connect_hook(std::move(hook), std::move(target), call),
        boost::asio::bind_cancellation_slot(call->cancel.slot(), std::move(completion)));
}

inline error_code code_of(const std::exception_ptr& failure, std::string& detail)
{
    try {
        std::rethrow_exception(failure);
    }
    catch (const boost::system::system_error& e) {
        detail = "the connect hook";
        return e.code() ? e.code() : make_error_code(errc::connect_hook_failed);
    }
    catch (const std::exception& e) {
        detail = "the connect hook threw: " + cyclos::detail::printable(e.what());
    }
    catch (...) {
        detail = "the connect hook threw";
    }
    return errc::connect_hook_failed;
}

} // namespace detail

CYCLOS_DECL boost::asio::awaitable<error_code>
run_connect_hook(connection& c, cyclos::detail::notifier& wakeup,
                 std::shared_ptr<const connect_hook> hook, connect_target target,
                 std::string& detail)
{
    const auto call = std::make_shared<detail::connect_hook_call>();
    const cyclos::detail::abandon_on_exit guard{call, wakeup};
    detail::start_connect_hook(c.executor(), std::move(hook), std::move(target), call);
    while (!call->done && !c.abort_reason()) {
        co_await wakeup.wait();
    }
    if (!call->done) {
        // Do not wait for the hook: it may ignore the cancellation.
        call->owner = nullptr;
        call->cancel.emit(boost::asio::cancellation_type::terminal);
    }
    if (c.abort_reason()) {
        co_return c.abort_reason();
    }
    if (call->failure) {
        co_return detail::code_of(call->failure, detail);
    }
    if (!call->socket->is_open()) {
        detail = "the connect hook returned a socket that is not open";
        co_return boost::asio::error::make_error_code(boost::asio::error::bad_descriptor);
    }
    c.stream().adopt(*std::move(call->socket));
    co_return error_code{};
}

} // namespace net
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_NET_IMPL_RUN_CONNECT_HOOK_IPP

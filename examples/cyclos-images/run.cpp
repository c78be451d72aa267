//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "run.hpp"

#include "platform.hpp"
#include "session.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <csignal>
#include <exception>

namespace tool {

namespace asio = boost::asio;

namespace {

bool is_operation(const invocation& options)
{
    return options.command != "demo" && options.command != "serve";
}

asio::awaitable<void> command(session& s)
{
    if (s.options.command == "demo") {
        return demo(s);
    }
    return s.options.command == "serve" ? serve(s) : run_operation(s);
}

/// Cancels the running command on a signal, or when its timeout expires.
class command_canceller
{
public:
    command_canceller(asio::io_context& context, session& s)
        : session_(s)
        , signals_(context)
        , deadline_(context)
    {
        for (const int signal : {SIGINT, SIGTERM, terminal_closed}) {
            if (!is_signal_ignored(signal)) {
                signals_.add(signal);
            }
        }
        signals_.async_wait([this](const cyclos::error_code& ec, int signal) {
            if (!ec) {
                // A second signal must have its default effect.
                signals_.clear();
                signal_ = signal;
                stop(stop_reason::signal);
            }
        });
        if (const auto timeout = s.options.connection.timeout) {
            deadline_.expires_after(std::chrono::ceil<std::chrono::milliseconds>(
                std::chrono::duration<double>{*timeout}));
            deadline_.async_wait([this](const cyclos::error_code& ec) {
                if (!ec) {
                    stop(stop_reason::deadline);
                }
            });
        }
    }

    asio::cancellation_slot slot() noexcept { return cancel_.slot(); }

    /// The signal that was caught, or 0.
    int signal() const noexcept { return signal_; }

private:
    void stop(stop_reason reason)
    {
        if (session_.stopped_by == stop_reason::none) {
            session_.stopped_by = reason;
        }
        cancel_.emit(asio::cancellation_type::terminal);
    }

    session& session_;
    asio::signal_set signals_;
    asio::steady_timer deadline_;
    asio::cancellation_signal cancel_;
    int signal_ = 0;
};

} // namespace

exit_status run(const invocation& options)
{
    session s{options};
    if (is_operation(options)) {
        prepare_operation(s);
    }
    asio::io_context context{1};
    // The library has its own timeout for an operation. This one also covers several uploads
    // together, and waits for standard input and standard output.
    command_canceller canceller{context, s};

    std::exception_ptr thrown;
    asio::co_spawn(context, command(s),
                   asio::bind_cancellation_slot(canceller.slot(), [&](std::exception_ptr e) {
                       thrown = std::move(e);
                       context.stop();
                   }));
    context.run();
    if (!thrown) {
        if (canceller.signal() != 0 && options.command != "serve") {
            // The command completed before the signal could cancel it, but a shell loop must end.
            exit_by_signal(canceller.signal());
        }
        return done;
    }
    const failure reason = explain(thrown, s.stopped_by, s.caller);
    report(reason, options);
    if (canceller.signal() != 0) {
        exit_by_signal(canceller.signal());
    }
    const bool is_resolving = reason.context && reason.context->phase == cyclos::phase::resolving;
    if (is_resolving || s.stopped_by != stop_reason::none) {
        // A running name resolution cannot be cancelled, and the destructor of the context would
        // wait for it. Nothing else needs to be destroyed.
        exit_immediately(reason.status);
    }
    return reason.status;
}

} // namespace tool

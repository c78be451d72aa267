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

bool is_operation(const invocation& given)
{
    return given.command != "demo" && given.command != "serve";
}

asio::awaitable<void> command(session& s)
{
    if (s.given.command == "demo") {
        return demo(s);
    }
    return s.given.command == "serve" ? serve(s) : run_operation(s);
}

/// Ends a command that runs, on a signal or when its time is over.
class stopper
{
public:
    stopper(asio::io_context& context, session& s)
        : session_(s)
        , signals_(context)
        , deadline_(context)
    {
        for (const int signal : {SIGINT, SIGTERM, terminal_closed}) {
            if (!is_ignored(signal)) {
                signals_.add(signal);
            }
        }
        signals_.async_wait([this](const cyclos::error_code& ec, int signal) {
            if (!ec) {
                // A second signal does what signals do where nobody asks for them.
                signals_.clear();
                signal_ = signal;
                stop(ended_by::signal);
            }
        });
        if (const auto timeout = s.given.connection.timeout) {
            deadline_.expires_after(
                std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>{*timeout}));
            deadline_.async_wait([this](const cyclos::error_code& ec) {
                if (!ec) {
                    stop(ended_by::deadline);
                }
            });
        }
    }

    asio::cancellation_slot slot() noexcept { return cancel_.slot(); }

    /// The signal that was caught; 0: none.
    int signal() const noexcept { return signal_; }

private:
    void stop(ended_by reason)
    {
        if (session_.stopped == ended_by::itself) {
            session_.stopped = reason;
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

exit_status run(const invocation& given)
{
    session s{given};
    if (is_operation(given)) {
        prepare_operation(s);
    }
    asio::io_context context{1};
    // The library has a timeout for the whole of an operation too. This one covers what the library does not see:
    // several uploads, and where standard input or output keeps one waiting.
    stopper stop{context, s};

    std::exception_ptr thrown;
    asio::co_spawn(context, command(s), asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e) {
                       thrown = std::move(e);
                       context.stop();
                   }));
    context.run();
    if (!thrown) {
        if (stop.signal() != 0 && given.command != "serve") {
            quit_by(stop.signal()); // it came too late, but what would come after this command is not wanted either
        }
        return done;
    }
    const failure what = explain(thrown, s.stopped, s.from);
    report(what, given);
    if (stop.signal() != 0) {
        quit_by(stop.signal());
    }
    const bool looks_up = what.context && what.context->phase == cyclos::phase::resolving;
    if (looks_up || s.stopped != ended_by::itself) {
        // A name look-up cannot be cancelled: to destroy the context would be to wait for it. Nothing else is left.
        quit(what.status);
    }
    return what.status;
}

} // namespace tool

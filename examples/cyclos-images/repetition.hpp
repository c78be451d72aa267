//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_REPETITION_HPP
#define CYCLOS_TOOL_REPETITION_HPP

#include "console.hpp"

#include <cyclos/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <optional>
#include <type_traits>

namespace tool {

/// Which failures allow to repeat an operation.
enum class repeatable {
    always, ///< Those that may be over soon: doing it twice does no harm.
    unsent, ///< Those of them in which the server saw nothing of it.
    never,  ///< None: what it needs can be had only once.
};

/// Repeats operations that fail, a given number of times in all, and waits longer each time.
class repetition
{
public:
    repetition(unsigned retries, const console& out)
        : left_(retries)
        , out_(out)
    {}

    /// Runs an operation until it succeeds or has failed for good: then it throws as it did last.
    template <class Operation>
    std::invoke_result_t<Operation&> run(repeatable when, Operation operation)
    {
        for (;;) {
            std::chrono::milliseconds pause{};
            try {
                co_return co_await operation();
            }
            catch (const cyclos::error& failure) {
                const auto next = next_attempt(when, failure);
                if (!next) {
                    throw;
                }
                pause = *next;
            }
            boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor, pause};
            co_await timer.async_wait(boost::asio::use_awaitable);
        }
    }

    /// The requests that were begun in the attempts before the last one.
    unsigned earlier_attempts() const noexcept { return earlier_attempts_; }

private:
    /// How long to wait before the next attempt; nothing where there is none.
    std::optional<std::chrono::milliseconds> next_attempt(repeatable when, const cyclos::error& failure);

    unsigned left_;
    const console& out_;
    unsigned repeated_ = 0;
    unsigned earlier_attempts_ = 0;
};

} // namespace tool

#endif // CYCLOS_TOOL_REPETITION_HPP

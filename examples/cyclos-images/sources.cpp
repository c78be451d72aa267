//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "sources.hpp"

#include <cyclos/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

namespace tool {

namespace asio = boost::asio;

asio::awaitable<void> standard_input_source::open()
{
    stream_ = native_stream{co_await asio::this_coro::executor, standard_stream::input};
}

asio::awaitable<std::size_t> standard_input_source::read_some(asio::mutable_buffer target)
{
    cyclos::error_code ec;
    const std::size_t bytes = co_await stream_.read_some(target, ec);
    if (ec) {
        cyclos::error_context context;
        context.detail = "standard input: " + ec.message();
        const bool cancelled = ec == asio::error::operation_aborted;
        throw cyclos::error(cancelled ? cyclos::errc::cancelled : cyclos::errc::source_failed,
                            std::move(context));
    }
    co_return bytes;
}

} // namespace tool

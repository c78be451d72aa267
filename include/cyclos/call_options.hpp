//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_CALL_OPTIONS_HPP
#define CYCLOS_CALL_OPTIONS_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/header.hpp>
#include <cyclos/progress.hpp>
#include <cyclos/retry_config.hpp>

#include <chrono>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace cyclos {
inline namespace CYCLOS_ABI {

/** The terms of a call: the parameter of images_api::with().

    It is a trivially destructible aggregate of views: see `<cyclos/options.hpp>` for the reason.
    with() copies all that it refers to. An option that is set replaces that of the handle; it
    cannot be unset again.

    @code
    const cyclos::header trace[] = {{"traceparent", parent}};
    auto call = images.with({.timeout = 2s, .tag = request_id, .headers = trace});
    auto details = co_await call.view_image("17");
    @endcode

    GCC 12 does not accept a braced list of headers in a `co_await` expression: name the array.
*/
struct call_options
{
    /// Deadline of each operation of the handle, from its start to the end of its content
    /// (errc::call_timeout). It replaces timeout_config::total. Zero: no limit. Not negative.
    std::optional<std::chrono::milliseconds> timeout = {};

    /// Text that identifies the call in each of its events and errors, such as a request id. It is
    /// not sent.
    std::string_view tag = {};

    /// Header fields to send with each request of the call. They replace those of the same name in
    /// config::headers, and all fields of an earlier with().
    std::span<const header> headers = {};

    /// `Channel` header field. It replaces config::channel.
    std::string_view channel = {};

    /// Retries of the call, in place of config::retry. They count towards the retry budget of the
    /// client.
    std::optional<retry_config> retry = {};

    /// Progress of each transfer, in either direction. with() copies the function.
    const progress_hook* progress = nullptr;

    /// Fails with errc::pool_busy instead of waiting in the queue for a connection, if none is idle
    /// and none may be opened. It does not apply to a login that the call begins, nor to resuming a
    /// download.
    bool no_wait = false;
};

static_assert(std::is_aggregate_v<call_options> && std::is_trivially_destructible_v<call_options>);

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_CALL_OPTIONS_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_CALL_TERMS_HPP
#define CYCLOS_DETAIL_HTTP_CALL_TERMS_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/progress.hpp>
#include <cyclos/retry_config.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/// The terms of the calls of a handle: an owning copy of @ref call_options. Constant once a call
/// has begun, and shared by all calls of the handle.
class call_terms
{
public:
    std::optional<std::chrono::milliseconds> timeout;
    std::string tag;
    std::vector<std::pair<std::string, std::string>> headers;
    std::optional<retry_config> retry;
    progress_hook progress;
    bool no_wait = false;

    /// The header fields of each request that do not depend on the operation, with those of the
    /// client.
    std::string common_fields;

    /// The same for a login that the call begins: in the channel of the client, since others use
    /// the session, too.
    std::string login_fields;
};

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_CALL_TERMS_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_EXPECTATION_HPP
#define CYCLOS_HTTP_EXPECTATION_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/http/response.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace cyclos::inline CYCLOS_ABI::http {

/// What a request expects of the response that it has succeeded with.
class expectation
{
public:
    /// The limit of a body that is read as a whole; 0: no body is expected; nothing: the body is left to be read.
    std::optional<std::uint64_t> whole = {};

    /** Why a response of 2xx is not the expected success, judged by its head; empty if it is. Such a response is
        refused before its body is read, and never followed by another attempt. Null: each is. */
    std::string (*objection)(const response& head) = nullptr;

    /// Whether other attempts follow as the settings say.
    bool retries = true;
};

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_EXPECTATION_HPP

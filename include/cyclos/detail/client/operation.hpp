//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_OPERATION_HPP
#define CYCLOS_DETAIL_CLIENT_OPERATION_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/exchange_state.hpp>
#include <cyclos/detail/http/request/request.hpp>
#include <cyclos/detail/http/response/expectation.hpp>
#include <cyclos/detail/net/pool_core.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/// The response that means success for an operation.
enum class success {
    no_content, ///< 204, or 200 without content.
    id,         ///< 201 with an identifier.
    json,       ///< 200 with JSON.
    image,      ///< 200 with an image.
};

class handle_context;

/// A request that is ready to be sent, and the response that it expects.
class operation
{
public:
    std::string_view name; ///< A literal.

    /// The user and the terms of the call. Null: the client's own user, without terms.
    std::shared_ptr<const handle_context> context;

    success expected = success::json;
    http::request request;

    /// The error of a bad argument, to be thrown when the operation is awaited. Null: none.
    std::exception_ptr argument_error;

    bool conditional = false; ///< 304 is a success, too.
    bool partial = false;     ///< It asks for the rest of a content: 206 is a success, too.

    /// The deadline of the whole operation; if not set, the configured timeout applies.
    std::optional<http::exchange_state::time_point> end = {};
};

/// What an operation does with its connection.
CYCLOS_DECL net::purpose purpose_of(const operation& op);

/** The response that an operation expects, judged by its status and header section.

    203 counts as 200: RFC 9110 lets a proxy transform the content, and says that the request has
    succeeded. Any other 2xx than the expected one is an error: with 202 the request has not been
    carried out yet, and captive portals answer 200.

    @param max_body The limit of a JSON response or an identifier.
*/
CYCLOS_DECL http::expectation expectation_of(const operation& op, std::uint64_t max_body);

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/client/impl/operation.ipp>
#endif

#endif // CYCLOS_DETAIL_CLIENT_OPERATION_HPP

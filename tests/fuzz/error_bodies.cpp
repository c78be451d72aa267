//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Bodies of errors. The first byte selects the status; the media type follows up to the byte 0xff,
// and the body after that.

#include "fuzz/support/require.hpp"

#include <cyclos/detail/client/make_api_error.hpp>

#include <array>
#include <string>

namespace {

using namespace cyclos::fuzz;

constexpr std::array<unsigned, 12> statuses{400, 401, 403, 404, 405, 409,
                                            422, 500, 503, 302, 418, 599};

template <class Error>
void require_class(const cyclos::api_error& e, bool wanted)
{
    require((dynamic_cast<const Error*>(&e) != nullptr) == wanted,
            "the exception has the class of its status");
}

/// No pointer is null that is documented as not null.
void look_into(const cyclos::input_error_body& body)
{
    for (const auto& [name, inner] : body.errors) {
        require(inner != nullptr, "no error of a property is null");
        look_into(*inner);
    }
    for (const auto& [name, all] : body.indexed_errors) {
        for (const auto& inner : all) {
            if (inner) {
                look_into(*inner);
            }
        }
    }
}

void look_into(const cyclos::internal_server_error_body& body)
{
    if (body.input_error) {
        look_into(*body.input_error);
    }
    if (body.error) {
        look_into(*body.error);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string_view input = text_of(data, size);
    cyclos::detail::error_response response;
    response.status = statuses[take_byte(input) % statuses.size()];
    response.content_type = take_field(input);
    response.body = input;
    cyclos::error_context context;
    context.operation = "fuzz";
    try {
        std::rethrow_exception(cyclos::detail::make_api_error(response, context));
    }
    catch (const cyclos::api_error& e) {
        require(e.status() == response.status, "the status is kept");
        require(e.body() == input.substr(0, 4096), "the first 4096 bytes of the body are kept");
        require(e.content_type() == response.content_type, "the media type is kept");
        const std::string_view message = e.what();
        require(message.size() < 1024, "a message has less than 1024 characters");
        for (const char c : message) {
            require(c >= ' ' && c <= '~', "a message contains only printable ASCII");
        }
        require_class<cyclos::bad_request>(e, response.status == 400);
        require_class<cyclos::unauthorized>(e, response.status == 401);
        require_class<cyclos::forbidden>(e, response.status == 403);
        require_class<cyclos::not_found>(e, response.status == 404);
        require_class<cyclos::method_not_allowed>(e, response.status == 405);
        require_class<cyclos::service_unavailable>(e, response.status == 503);
        require_class<cyclos::conflict>(e, response.status == 409);
        require_class<cyclos::invalid_input>(e, response.status == 422);
        require_class<cyclos::internal_server_error>(e, response.status == 500);
        if (const auto* const invalid = dynamic_cast<const cyclos::invalid_input*>(&e)) {
            look_into(invalid->details());
        }
        if (const auto* const unexpected = dynamic_cast<const cyclos::internal_server_error*>(&e)) {
            look_into(unexpected->details());
        }
    }
    return 0;
}

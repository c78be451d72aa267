//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_OPERATION_RESULT_HPP
#define CYCLOS_DETAIL_IMPL_OPERATION_RESULT_HPP

#include <cyclos/detail/api/decode.hpp>
#include <cyclos/detail/api/operation_builder.hpp>
#include <cyclos/detail/client/client_state.hpp>
#include <cyclos/detail/client/download.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/image_content.hpp>
#include <cyclos/models.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

// These functions send an operation and make its result. Their lambdas own the client, and so keep
// it alive until there is a response.

inline boost::asio::awaitable<void> empty_result(std::shared_ptr<client_state> client, operation op)
{
    op.expected = success::no_content;
    client_state& state = *client;
    return state.fetch(std::move(op), [client = std::move(client)](const http::response&) {});
}

template <class T>
boost::asio::awaitable<T> json_result(std::shared_ptr<client_state> client, operation op)
{
    op.expected = success::json;
    client_state& state = *client;
    return state.fetch(std::move(op), [client = std::move(client)](http::response response) {
        return decode<T>(response.whole_body(), response.state());
    });
}

inline boost::asio::awaitable<uploaded_image> id_result(std::shared_ptr<client_state> client,
                                                        operation op)
{
    op.expected = success::id;
    client_state& state = *client;
    return state.fetch(std::move(op), [client = std::move(client)](http::response response) {
        uploaded_image stored;
        stored.id = decode_id(response.whole_body(), response.state());
        if (const auto location = response.fields()["Location"]; !location.empty()) {
            stored.location = location;
        }
        return stored;
    });
}

inline boost::asio::awaitable<image_content> content_result(std::shared_ptr<client_state> client,
                                                            operation op, std::string name)
{
    // A range request for the rest of the content has the same target, but no conditions of the
    // caller: it has an If-Range of its own.
    op.expected = success::image;
    operation resume;
    resume.name = op.name;
    resume.context = op.context;
    resume.expected = op.expected;
    resume.request.method = op.request.method;
    resume.request.target = op.request.target;
    resume.request.fields = client->common_fields(op.context.get());
    resume.request.fields += accept_image;
    client_state& state = *client;
    return state.open(std::move(op), [client = std::move(client), resume = std::move(resume),
                                      name = std::move(name)](open_response opened) mutable {
        auto transfer =
            std::make_unique<download>(std::move(opened), std::move(client), std::move(resume));
        return image_content{std::move(transfer), std::move(name)};
    });
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_OPERATION_RESULT_HPP

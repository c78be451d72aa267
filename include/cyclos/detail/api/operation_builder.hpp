//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_API_OPERATION_BUILDER_HPP
#define CYCLOS_DETAIL_API_OPERATION_BUILDER_HPP

#include <cyclos/body_source.hpp>
#include <cyclos/detail/client/client_state.hpp>
#include <cyclos/detail/client/handle_context.hpp>
#include <cyclos/detail/client/operation.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/date.hpp>
#include <cyclos/detail/http/request/target.hpp>
#include <cyclos/error.hpp>
#include <cyclos/options.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

// The media types that an operation accepts, always with JSON for its errors.
inline constexpr std::string_view accept_json = "Accept: application/json\r\n";
inline constexpr std::string_view accept_id = "Accept: text/plain, application/json;q=0.9\r\n";
inline constexpr std::string_view accept_image = "Accept: image/*, application/json;q=0.9\r\n";

/** Builds an operation.

    The error of a bad argument is stored in the operation, and thrown when it is awaited.
*/
class operation_builder
{
public:
    /// @param context The user and the terms of the call; null: the client's own.
    operation_builder(const client_state& client, handle_context_ptr context, std::string_view name,
                      std::string_view method, std::string_view accept)
        : client_(client)
        , target_(client.path())
    {
        result_.name = name;
        const std::string& common_fields = client.common_fields(context.get());
        result_.context = std::move(context);
        result_.request.method = method;
        result_.request.fields.reserve(common_fields.size() + accept.size() + 128);
        result_.request.fields += common_fields;
        result_.request.fields += accept;
    }

    operation_builder& path(std::string_view literal)
    {
        target_.literal(literal);
        return *this;
    }

    operation_builder& segment(std::string_view name, std::string_view value)
    {
        return capture_error([&] { target_.segment(name, value); });
    }

    /// Adds a query parameter, unless it is empty.
    operation_builder& query(std::string_view name, std::string_view value)
    {
        if (!value.empty()) {
            target_.query(name, value);
        }
        return *this;
    }

    template <class Enum>
    operation_builder& query(std::string_view name, std::optional<Enum> value)
    {
        if (!value) {
            return *this;
        }
        return capture_error([&] {
            const std::string_view text = to_string(*value);
            if (text.empty()) { // without the parameter it would be a different request
                http::detail::reject_argument(name, "is no value of its enumeration");
            }
            target_.query(name, text);
        });
    }

    operation_builder& size(std::string_view name, std::optional<int> pixels)
    {
        if (!pixels) {
            return *this;
        }
        return capture_error([&] {
            if (*pixels <= 0) {
                http::detail::reject_argument(name, "is not positive");
            }
            target_.query(name, std::to_string(*pixels));
        });
    }

    /// Adds the parameters and conditions of a content. With a condition, 304 is a success.
    operation_builder& content(const image_content_options& options)
    {
        size("width", options.width).size("height", options.height);
        return capture_error([&] {
            if (!options.if_none_match.empty()) {
                http::require_header_value("if_none_match", options.if_none_match);
                condition("If-None-Match", options.if_none_match);
            }
            if (options.if_modified_since) {
                condition("If-Modified-Since", http::format_date(*options.if_modified_since));
            }
        });
    }

    operation_builder& fields(std::string_view list)
    {
        if (client_.settings().api_version == api_version::v4_16) {
            return query("fields", list);
        }
        while (!list.empty()) {
            const std::size_t end = (std::min)(list.find(','), list.size());
            query("fields", list.substr(0, end));
            list.remove_prefix((std::min)(end + 1, list.size()));
        }
        return *this;
    }

    operation_builder& ids(std::span<const std::string> list)
    {
        return capture_error([&] {
            if (list.empty()) {
                http::detail::reject_argument("ids", "is empty, which would remove every image");
            }
            std::string joined;
            for (const std::string& id : list) {
                if (id.empty() || id.find(',') != std::string::npos) {
                    http::detail::reject_argument("ids", "an id is empty or holds a comma");
                }
                if (client_.settings().api_version == api_version::v4_16) {
                    target_.query("ids", id);
                    continue;
                }
                joined += joined.empty() ? "" : ",";
                joined += id;
            }
            if (!joined.empty()) {
                target_.query("ids", joined);
            }
        });
    }

    operation_builder& file(source content)
    {
        return capture_error([&] {
            if (!content) {
                http::detail::reject_argument("content", "is no source");
            }
            result_.request.form.emplace(http::form_file{"image", std::move(content)});
        });
    }

    operation done()
    {
        result_.request.target = std::move(target_).text();
        return std::move(result_);
    }

private:
    void condition(std::string_view field, std::string_view value)
    {
        std::string& fields = result_.request.fields;
        fields += field;
        fields += ": ";
        fields += value;
        fields += "\r\n";
        result_.conditional = true;
    }

    template <class Function>
    operation_builder& capture_error(Function step)
    {
        try {
            if (!result_.argument_error) {
                step();
            }
        }
        catch (const error& e) {
            error_context context = e.context();
            context.operation = result_.name;
            if (result_.context && result_.context->terms) {
                context.tag = result_.context->terms->tag;
            }
            result_.argument_error = std::make_exception_ptr(error(e.code(), std::move(context)));
        }
        return *this;
    }

    const client_state& client_;
    operation result_;
    http::target target_;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_API_OPERATION_BUILDER_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_API_ERROR_HPP
#define CYCLOS_API_ERROR_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/error.hpp>
#include <cyclos/error_bodies.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

/// An error response as it was received.
struct error_response
{
    unsigned status = 0;
    std::string_view content_type = {};
    std::string_view body = {};
    std::optional<std::chrono::seconds> retry_after = {};
};

} // namespace detail

/** The server sent an error response.

    Each status that the Cyclos API documents has a derived class: @ref bad_request,
    @ref unauthorized, @ref forbidden, @ref not_found, @ref method_not_allowed, @ref conflict,
    @ref invalid_input, @ref internal_server_error and @ref service_unavailable. For any other
    status, such as 413 or the 502 of a proxy, an `api_error` itself is thrown.

    code() is the status, in the @ref http_status_category.

    The message, what(), contains the codes of the server but not its texts, since those might
    repeat parts of the request, such as credentials. The texts are in body() and in the `details()`
    of the derived classes.

    @code
    try {
        co_await images.delete_image(id);
    } catch (const cyclos::not_found&) {
        // it was deleted before
    } catch (const cyclos::api_error& e) {
        log(e.status(), e.what());
    }
    @endcode
*/
class api_error : public error
{
public:
    /** Constructs an error from a response.

        @param response The response.
        @param server_code The `code` in the body; empty if it has none.
        @param context The circumstances.
    */
    CYCLOS_DECL api_error(const detail::error_response& response, std::string server_code,
                          error_context context);

    std::string_view kind() const noexcept override { return "api"; }

    /// The HTTP status, such as 404.
    unsigned status() const noexcept { return status_; }

    /// The `Content-Type` of the response; empty if it has none.
    const std::string& content_type() const noexcept { return content_type_; }

    /// The first 4096 bytes of the body. It may be binary, and may come from a proxy.
    const std::string& body() const noexcept { return body_; }

    /// The `code` in the body, as the server spells it; empty if there is none.
    const std::string& server_code() const noexcept { return server_code_; }

    /// How long the server asks to wait before a retry (`Retry-After`), if it does.
    std::optional<std::chrono::seconds> retry_after() const noexcept { return retry_after_; }

private:
    unsigned status_;
    std::string content_type_;
    std::string body_;
    std::string server_code_;
    std::optional<std::chrono::seconds> retry_after_;
};

/// An @ref api_error with a parsed body. The class depends on the status alone.
template <class Body>
class api_error_with : public api_error
{
public:
    using body_type = Body;

    /** Constructs an error from a response and its parsed body.

        @param response The response.
        @param server_code The `code` in the body; empty if it has none.
        @param context The circumstances.
        @param details The parsed body.
    */
    api_error_with(const detail::error_response& response, std::string server_code,
                   error_context context, Body details)
        : api_error(response, std::move(server_code), std::move(context))
        , details_(std::make_shared<const Body>(std::move(details)))
    {}

    /// The parsed body. All members are absent if the body could not be parsed, for instance
    /// because it is the HTML page of a proxy.
    const Body& details() const noexcept { return *details_; }

private:
    std::shared_ptr<const Body> details_; // shared, since exceptions are copied
};

/// 400: the server could not parse the request.
class bad_request : public api_error_with<bad_request_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "bad_request"; }
};

/// 401: the credentials are missing, wrong or no longer valid.
class unauthorized : public api_error_with<unauthorized_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "unauthorized"; }
};

/// 403: the user lacks the permission.
class forbidden : public api_error_with<forbidden_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "forbidden"; }
};

/// 404: there is no such image, user or advertisement, or the caller may not see it.
class not_found : public api_error_with<not_found_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "not_found"; }
};

/// 405: the operation is currently not available.
class method_not_allowed : public api_error_with<unavailable_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "method_not_allowed"; }
};

/// 409: the current state does not allow the operation.
class conflict : public api_error_with<conflict_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "conflict"; }
};

/// 422: the input is not valid.
class invalid_input : public api_error_with<input_error_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "invalid_input"; }
};

/// 500: an unexpected error in the server.
class internal_server_error : public api_error_with<internal_server_error_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "internal_server_error"; }
};

/// 503: a service that the server needs is currently unavailable.
class service_unavailable : public api_error_with<unavailable_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "service_unavailable"; }
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/impl/api_error.ipp>
#endif

#endif // CYCLOS_API_ERROR_HPP

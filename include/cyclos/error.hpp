//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_ERROR_HPP
#define CYCLOS_ERROR_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/error_bodies.hpp>
#include <cyclos/net/error.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cyclos::inline CYCLOS_ABI {

namespace detail {

/// A response that is no success, as it came.
struct error_response
{
    unsigned status = 0;
    std::string_view content_type = {};
    std::string_view body = {};
    std::optional<std::chrono::seconds> retry_after = {};
};

} // namespace detail

/** The server answered, and with an error.

    What Cyclos says has a class of its own for each kind of body: @ref bad_request, @ref unauthorized,
    @ref forbidden, @ref not_found, @ref unavailable, @ref conflict, @ref invalid_input and @ref unexpected. The
    status decides on the class. Any other status, such as 413 or a proxy's 502, is an `api_error` itself.

    The message, what(), names the codes of the server but never repeats its own words: those might
    repeat what was sent, credentials included. They are in @ref body and in the `details()` of the classes.

    code() is the status, in the @ref status_category.

    @code
    try {
        co_await images.delete_image(id);
    } catch (const cyclos::not_found&) {
        // somebody else was faster
    } catch (const cyclos::api_error& e) {
        log(e.status(), e.what());
    }
    @endcode
*/
class api_error : public error
{
public:
    /** @param response  What the server answered.
        @param code_text The `code` in the body, if there is one.
        @param context   The circumstances; the details are added to.
    */
    CYCLOS_DECL api_error(const detail::error_response& response, std::string code_text, error_context context);

    std::string_view kind() const noexcept override { return "api"; }

    /// The HTTP status, such as 404.
    unsigned status() const noexcept { return status_; }

    /// The media type of the body as the server wrote it; empty where it said none.
    const std::string& content_type() const noexcept { return content_type_; }

    /// The first 4096 bytes of the body, whatever they are: not always text, and not always the server's own.
    const std::string& body() const noexcept { return body_; }

    /// The `code` in the body, as the server spelled it; empty where there is none.
    const std::string& code_text() const noexcept { return code_text_; }

    /// How long the server asks to wait before the next try (`Retry-After`).
    std::optional<std::chrono::seconds> retry_after() const noexcept { return retry_after_; }

private:
    unsigned status_;
    std::string content_type_;
    std::string body_;
    std::string code_text_;
    std::optional<std::chrono::seconds> retry_after_;
};

/// An @ref api_error whose body has a form of its own.
template <class Body>
class api_error_with : public api_error
{
public:
    using body_type = Body;

    /// @copydoc cyclos::api_error::api_error()
    /// @param details What was read of the body.
    api_error_with(const detail::error_response& response, std::string code_text, error_context context, Body details)
        : api_error(response, std::move(code_text), std::move(context))
        , details_(std::make_shared<const Body>(std::move(details)))
    {}

    /// What the server says. All of it is absent where the body was something else, such as a proxy's page.
    const Body& details() const noexcept { return *details_; }

private:
    std::shared_ptr<const Body> details_; // shared: exceptions are copied
};

/// 400: the server could not read the request.
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

/// 403: the user may not do that.
class forbidden : public api_error_with<forbidden_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "forbidden"; }
};

/// 404: there is no such image, user or advertisement, or the caller may not know of it.
class not_found : public api_error_with<not_found_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "not_found"; }
};

/// 405 and 503: something that the server needs does not work now.
class unavailable : public api_error_with<unavailable_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "unavailable"; }
};

/// 409: the present state does not allow it.
class conflict : public api_error_with<conflict_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "conflict"; }
};

/// 422: something in the request is not valid.
class invalid_input : public api_error_with<input_error_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "invalid_input"; }
};

/// 500: the server met something unexpected.
class unexpected : public api_error_with<unexpected_body>
{
public:
    using api_error_with::api_error_with;
    std::string_view kind() const noexcept override { return "unexpected"; }
};

} // namespace cyclos::inline CYCLOS_ABI

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/impl/error.ipp>
#endif

#endif // CYCLOS_ERROR_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_CREDENTIALS_HPP
#define CYCLOS_CREDENTIALS_HPP

#include <cyclos/detail/config.hpp>

#include <string>
#include <string_view>

namespace cyclos {

/** Who a client is to the server. They are sent to the origin of the base URL, and to nobody else.

    @code
    cyclos::config config{"https://demo.cyclos.org/api", cyclos::credentials::basic("alice", password)};
    @endcode
*/
class credentials
{
public:
    /// The ways to say who one is.
    enum class kind {
        guest,         ///< Nothing is sent.
        basic,         ///< `Authorization: Basic ...`
        session,       ///< `Session-Token: ...`
        access_client, ///< `Access-Client-Token: ...`
    };

    /// A guest.
    credentials() = default;

    /** A user and a password, sent with every request.

        @throws cyclos::error with errc::invalid_config where the name is empty or holds a colon, or one of them a
        control character.
    */
    CYCLOS_DECL static credentials basic(std::string_view username, std::string_view password);

    /// The token of a session. @throws cyclos::error with errc::invalid_config where it is empty or no header value.
    CYCLOS_DECL static credentials session(std::string_view token);

    /// The token of an access client. @throws cyclos::error with errc::invalid_config as session() does.
    CYCLOS_DECL static credentials access_client(std::string_view token);

    /// Nobody in particular.
    static credentials guest() { return {}; }

    kind type() const noexcept { return type_; }

    /// The header field with its line end; empty for a guest.
    const std::string& header_field() const noexcept { return field_; }

private:
    credentials(kind type, std::string field)
        : type_(type)
        , field_(std::move(field))
    {}

    kind type_ = kind::guest;
    std::string field_;
};

} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/impl/credentials.ipp>
#endif

#endif // CYCLOS_CREDENTIALS_HPP

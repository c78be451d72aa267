//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_REQUEST_REQUEST_HPP
#define CYCLOS_DETAIL_HTTP_REQUEST_REQUEST_HPP

#include <cyclos/body_source.hpp>
#include <cyclos/detail/config.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

class source_reader;

/// A form with one file: the name of the form field, and the source of the file's content.
class form_file
{
public:
    std::string_view field; ///< A string literal.
    source body;
};

/// A request as its caller describes it, independent of any connection.
class request
{
public:
    std::string_view method; ///< A string literal.
    std::string target;      ///< Percent-encoded.
    std::string fields;      ///< Header fields, each followed by CR LF.

    /// The form to upload. The exchange does not retry such a request after a part of it was sent,
    /// unless retry_config::retry_uploads is set and the source can be rewound.
    std::optional<form_file> form;

    /// Replaces `form` if the caller keeps the source for a later request, for example one that
    /// follows a new login.
    std::shared_ptr<source_reader> body;

    std::string_view field; ///< The name of the form field for `body`, a string literal.

    /// One more header field with its CR LF, or empty. The constructor of request_writer copies it
    /// into memory that is wiped on destruction.
    std::string_view credentials;

    /// The exchange must not retry the request after a part of it was sent, although it has no
    /// body. Set for logins, because servers count failed ones.
    bool not_repeatable = false;
};

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_REQUEST_REQUEST_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_REQUEST_HPP
#define CYCLOS_HTTP_REQUEST_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/http/body_source.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::http {

class source_reader;

/// The file of a form, and the name of its field.
class form_file
{
public:
    std::string_view field; ///< A literal.
    source body;
};

/// A request: all that is known of it before there is a connection.
class request
{
public:
    std::string_view method;             ///< A literal.
    std::string target;                  ///< Encoded.
    std::string fields;                  ///< Header fields, each ended by CR LF.
    std::optional<form_file> form;       ///< What is uploaded. Such a request is not repeated once some of it was sent.
    std::shared_ptr<source_reader> body; ///< In place of the form, where its source is kept for another request;
    std::string_view field;              ///< and the name of its field, a literal.
    std::string_view credentials; ///< One more header field, which is kept secret. It has to outlive the exchange.
    bool once = false;            ///< It is not repeated either, although it has no form.
};

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_REQUEST_HPP

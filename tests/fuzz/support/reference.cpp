//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "fuzz/support/reference.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/optional/optional.hpp>

#include <algorithm>

namespace cyclos::fuzz {

namespace http = boost::beast::http;
namespace asio = boost::asio;

namespace {

/// Whether there is a transfer coding that nobody asked for. Beast takes such a message, framed by whatever else it
/// has.
bool is_coded(const http::fields& fields)
{
    const auto [first, last] = fields.equal_range(http::field::transfer_encoding);
    return std::any_of(first, last, [](const auto& field) { return !boost::beast::iequals(field.value(), "chunked"); });
}

/// Gives a parser all that it takes; the bytes taken.
template <class Parser>
std::size_t put_all(Parser& parser, std::string_view bytes, boost::system::error_code& ec)
{
    std::size_t used = 0;
    do {
        used += parser.put(asio::buffer(bytes.substr(used)), ec);
    } while (!ec && !parser.is_done() && used < bytes.size());
    if (ec == http::error::need_more) {
        ec = {};
    }
    return used;
}

} // namespace

reference::reference(std::string_view bytes, bool ended)
{
    for (unsigned interim = 0; !bytes.empty(); ++interim) {
        http::response_parser<http::string_body> parser;
        parser.eager(true);
        parser.body_limit(boost::none);
        parser.header_limit(16 * 1024);
        boost::system::error_code ec;
        const std::size_t count = put_all(parser, bytes, ec);
        used += count;
        bytes.remove_prefix(count);
        if (!ec && ended && parser.is_header_done() && !parser.is_done()) {
            parser.put_eof(ec);
            malformed = bool{ec}; // cut short
        }
        else {
            malformed = bool{ec};
        }
        has_head = parser.is_header_done();
        status = has_head ? parser.get().result_int() : 0;
        // Beast takes a status such as 013, too.
        malformed = malformed || (has_head && (status < 100 || is_coded(parser.get())));
        complete = !malformed && parser.is_done();
        keep_alive = complete && parser.keep_alive() && !parser.need_eof();
        body = parser.get().body();
        const bool goes_on = complete && status / 100 == 1 && status != 101;
        if (!goes_on) {
            return;
        }
        complete = has_head = false;
        if (interim == 16) {
            malformed = true;
            return;
        }
    }
}

received_request::received_request(std::string_view bytes)
{
    http::request_parser<http::string_body> parser;
    parser.eager(true);
    parser.body_limit(boost::none);
    boost::system::error_code ec;
    used = put_all(parser, bytes, ec);
    complete = !ec && parser.is_done();
    content_type = std::string{parser.get()[http::field::content_type]};
    body = parser.get().body();
}

} // namespace cyclos::fuzz

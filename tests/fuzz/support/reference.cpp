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
#include <charconv>
#include <optional>
#include <string>
#include <system_error>

namespace cyclos::fuzz {

namespace http = boost::beast::http;
namespace asio = boost::asio;

namespace {

/// Whether there is an unrequested transfer coding. Beast accepts such a message, framed by its
/// other fields.
bool is_coded(const http::fields& fields)
{
    const auto [first, last] = fields.equal_range(http::field::transfer_encoding);
    return std::any_of(first, last, [](const auto& field) {
        return !boost::beast::iequals(field.value(), "chunked");
    });
}

/// Passes all bytes that a parser takes, except a chunked body that is read elsewhere; returns the
/// bytes taken.
template <class Parser>
std::size_t put_all(Parser& parser, std::string_view bytes, boost::system::error_code& ec,
                    bool without_chunks = false)
{
    std::size_t used = 0;
    do {
        used += parser.put(asio::buffer(bytes.substr(used)), ec);
    } while (!ec && !parser.is_done() && used < bytes.size() &&
             !(without_chunks && parser.is_header_done() && parser.chunked()));
    if (ec == http::error::need_more) {
        ec = {};
    }
    return used;
}

/// Whether a line of a chunked body is valid: it has no control characters except tabs.
bool is_line(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
    });
}

bool is_trailer(std::string_view line)
{
    constexpr std::string_view token =
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const std::string_view name = line.substr(0, line.find(':'));
    return name.size() < line.size() && !name.empty() &&
           name.find_first_not_of(token) == name.npos &&
           !boost::beast::iequals(name, "Content-Length") &&
           !boost::beast::iequals(name, "Transfer-Encoding");
}

/// A chunked body, decoded line by line from the complete input.
class chunked_body
{
public:
    explicit chunked_body(std::string_view bytes)
        : rest_(bytes)
    {
        while (const auto line = next_line()) {
            std::size_t size = 0;
            const auto [end, ec] =
                std::from_chars(line->data(), line->data() + line->size(), size, 16);
            std::string_view extension = line->substr(static_cast<std::size_t>(end - line->data()));
            extension.remove_prefix(std::min(extension.find_first_not_of(" \t"), extension.size()));
            malformed = ec != std::errc{} || !(extension.empty() || extension.starts_with(';'));
            if (malformed) {
                return;
            }
            if (size == 0) {
                read_trailers();
                return;
            }
            content += rest_.substr(0, size);
            if (rest_.size() < size + 2) {
                return;
            }
            malformed = rest_.substr(size, 2) != "\r\n";
            if (malformed) {
                return;
            }
            rest_.remove_prefix(size + 2);
        }
    }

    std::size_t left() const noexcept { return rest_.size(); }

    std::string content;
    bool complete = false;
    bool malformed = false;

private:
    std::optional<std::string_view> next_line()
    {
        const std::size_t end = rest_.find("\r\n");
        const std::string_view line = rest_.substr(0, end);
        malformed = malformed || (end != rest_.npos && !is_line(line));
        if (end == rest_.npos || malformed) {
            return std::nullopt;
        }
        rest_.remove_prefix(end + 2);
        return line;
    }

    void read_trailers()
    {
        while (const auto line = next_line()) {
            if (line->empty()) {
                complete = true;
                return;
            }
            malformed = !is_trailer(*line);
            if (malformed) {
                return;
            }
        }
    }

    std::string_view rest_;
};

} // namespace

reference::reference(std::string_view bytes, bool ended)
{
    constexpr std::size_t status_end = std::string_view{"HTTP/1.1 200"}.size();
    for (unsigned interim = 0; !bytes.empty(); ++interim) {
        http::response_parser<http::string_body> parser;
        parser.body_limit(boost::none);
        parser.header_limit(16 * 1024);
        // A status line may end with the status, which Beast rejects.
        const bool is_short = bytes.size() > status_end && bytes[status_end] == '\r';
        std::string text{bytes};
        if (is_short) {
            text.insert(status_end, 1, ' ');
        }
        boost::system::error_code ec;
        std::size_t count = put_all(parser, text, ec, true);
        count -= is_short && count > 0 ? 1 : 0;
        has_head = parser.is_header_done();
        if (has_head && !ec && !parser.is_done() && parser.chunked()) {
            const chunked_body chunks{bytes.substr(count)};
            body = chunks.content;
            complete = chunks.complete;
            malformed = chunks.malformed || (ended && !complete);
            count = bytes.size() - chunks.left();
        }
        else {
            if (!ec && ended && has_head && !parser.is_done()) {
                parser.put_eof(ec);
            }
            malformed = bool{ec}; // or truncated
            body = parser.get().body();
            complete = parser.is_done();
        }
        used += count;
        bytes.remove_prefix(count);
        status = has_head ? parser.get().result_int() : 0;
        // Beast accepts a status such as 013, too.
        malformed = malformed || (has_head && (status < 100 || is_coded(parser.get())));
        complete = complete && !malformed;
        keep_alive = complete && parser.keep_alive() && !parser.need_eof();
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

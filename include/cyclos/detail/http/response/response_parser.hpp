//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_RESPONSE_RESPONSE_PARSER_HPP
#define CYCLOS_DETAIL_HTTP_RESPONSE_RESPONSE_PARSER_HPP

#include <cyclos/detail/base/boost_versions.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/header_fields.hpp>
#include <cyclos/secret.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/optional/optional.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/** Parses the status line and the header section of a response, with Beast's parser.

    Bodies do not pass through it. A body with a length, or one that ends with the connection, is
    read directly into the caller's memory. A chunked body is decoded by @ref chunked_decoder.
*/
class response_parser final : public boost::beast::http::basic_parser<false>
{
public:
    using string_view = boost::beast::string_view;
    using error_code = boost::beast::error_code;

    /// @param limit Maximum size of the status line and the header section in bytes.
    /// @param memory For the fields; null: the heap. Must outlive the parser.
    explicit response_parser(std::uint32_t limit, cyclos::detail::arena* memory = nullptr)
        : header_limit_(limit)
        , fields_(memory)
    {
        header_limit((std::numeric_limits<std::uint32_t>::max)()); // parse_header() enforces it
        body_limit(boost::none); // the readers of the body enforce a limit
    }

    /** Parses input up to the end of the header section.

        The limit applies to the status line and the header section as a whole, whatever the size of
        the pieces. Beast applies its own limit to each piece. A status line without the space after
        the status code is accepted. RFC 9112, section 4, requires that space and Beast insists on
        it, but other clients do not.

        @param ec need_more if the header section is incomplete.
        @return The bytes consumed.
    */
    std::size_t parse_header(std::string_view input, error_code& ec)
    {
        constexpr std::size_t status_end = std::string_view{"HTTP/1.1 200"}.size();
        std::size_t bytes = 0;
        if (status_ == 0 && input.size() > status_end && input[status_end] == '\r') {
            cyclos::detail::wiped_string line{input}; // a field may contain a session token
            line.insert(status_end, 1, ' ');
            bytes = put(boost::asio::buffer(line), ec);
            bytes -= (std::min<std::size_t>)(bytes, 1); // the inserted space
        }
        else {
            bytes = put(boost::asio::buffer(input), ec);
        }
        parsed_bytes_ += bytes;
        const std::size_t pending =
            ec == boost::beast::http::error::need_more ? input.size() - bytes : 0;
        if (parsed_bytes_ > header_limit_ ||
            (pending > 0 && parsed_bytes_ + pending >= header_limit_)) {
            ec = boost::beast::http::error::header_limit;
        }
        return bytes;
    }

    unsigned status() const noexcept { return status_; }

    const header_fields& fields() const noexcept { return fields_; }

    /** Whether input that the parser has not consumed can be the beginning of a header section.

        Beast parses a line only once it is complete, and before Boost 1.87 nothing until the empty
        line at the end. A peer that speaks another protocol, or ends its lines with a bare LF,
        never completes one, and would be noticed only by a timeout.
    */
    bool may_be_header(std::string_view input) const noexcept
    {
        constexpr std::string_view version_prefix = "HTTP/1.";
        if (status_ == 0 && !version_prefix.starts_with(input.substr(0, version_prefix.size()))) {
            return false;
        }
        for (std::size_t position = input.find('\n'); position != input.npos;
             position = input.find('\n', position + 1)) {
            if (position == 0 || input[position - 1] != '\r') {
                return false;
            }
        }
        return true;
    }

    /** Whether an intermediary may see the end of this message elsewhere. If so, the connection
        must not be reused (response smuggling).

        This is so if a response that has no body announces one, or if a response of HTTP/1.0 is
        chunked. The `Content-Length` of a 304 is allowed: it is that of the content that was not
        sent (RFC 9110, section 8.6).
    */
    bool has_ambiguous_framing() const
    {
        return is_done() ? chunked() || (content_length().value_or(0) > 0 && status_ != 304)
                         : chunked() && version_ < 11;
    }

private:
    void on_request_impl(boost::beast::http::verb /*method*/, string_view /*name*/,
                         string_view /*target*/, int /*version*/, error_code& /*ec*/) override
    {}

    void on_response_impl(int code, string_view /*reason*/, int version, error_code& ec) override
    {
        status_ = static_cast<unsigned>(code);
        version_ = version;
        ec = {};
        if (status_ < 100) {
            // A status of 000 as an error code would mean success.
            ec = boost::beast::http::error::bad_status;
        }
    }

    void on_field_impl(boost::beast::http::field id, string_view name, string_view value,
                       error_code& ec) override
    {
        ec = {};
        fields_.append({name.data(), name.size()}, {value.data(), value.size()});
        // The client sends no TE field, so no other transfer coding is acceptable. Beast would pass
        // such a body on undecoded, and delimit it by the other fields, on which an intermediary
        // may disagree.
        if (id == boost::beast::http::field::transfer_encoding &&
            !boost::beast::iequals(value, "chunked")) {
            ec = boost::beast::http::error::bad_transfer_encoding;
        }
    }

    // Bodies are not passed to this parser, so the callbacks for their parts report an error.
    void on_trailer_field_impl(boost::beast::http::field /*known*/, string_view /*name*/,
                               string_view /*value*/, error_code& ec) CYCLOS_OVERRIDES_TRAILER_FIELD
    {
        ec = boost::beast::http::error::unexpected_body;
    }

    void on_header_impl(error_code& ec) override { ec = {}; }

    void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/,
                           error_code& ec) override
    {
        ec = {};
    }

    std::size_t on_body_impl(string_view /*body*/, error_code& ec) override
    {
        ec = boost::beast::http::error::unexpected_body;
        return 0;
    }

    void on_chunk_header_impl(std::uint64_t /*size*/, string_view /*extensions*/,
                              error_code& ec) override
    {
        ec = boost::beast::http::error::unexpected_body;
    }

    std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, string_view /*body*/,
                                   error_code& ec) override
    {
        ec = boost::beast::http::error::unexpected_body;
        return 0;
    }

    void on_finish_impl(error_code& ec) override { ec = {}; }

    std::uint32_t header_limit_;
    unsigned status_ = 0;
    int version_ = 0;
    header_fields fields_;
    std::uint64_t parsed_bytes_ = 0;
};

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_RESPONSE_RESPONSE_PARSER_HPP

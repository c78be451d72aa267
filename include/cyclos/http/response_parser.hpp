//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_RESPONSE_PARSER_HPP
#define CYCLOS_HTTP_RESPONSE_PARSER_HPP

#include <cyclos/detail/boost_versions.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/http/header_fields.hpp>
#include <cyclos/net/secret.hpp>

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

namespace cyclos::inline CYCLOS_ABI::http {

/** Parses the head of a response.

    A body needs none of it: one that has a length, or lasts until the end of the connection, is read straight into the
    memory it is meant for, and one in chunks is decoded by @ref chunked_decoder.
*/
class response_parser final : public boost::beast::http::basic_parser<false>
{
public:
    using string_view = boost::beast::string_view;
    using error_code = boost::beast::error_code;

    /// @param memory For the fields; the heap if there is none. It must outlive the object.
    explicit response_parser(std::uint32_t head_limit, cyclos::detail::arena* memory = nullptr)
        : head_limit_(head_limit)
        , fields_(memory)
    {
        header_limit((std::numeric_limits<std::uint32_t>::max)()); // put_head() has the limit
        body_limit(boost::none);                                   // the reader of the body has a limit of its own
    }

    /** Parses what has come of a head. The bytes that it took are returned; need_more: it is not whole yet.

        The limit is for the whole head, however that is cut: Beast's limit is for what it is given at once. A status
        line without the space behind the status, which Beast refuses, is completed (RFC 9112, section 4, wants the
        space; every other client does without).
    */
    std::size_t put_head(std::string_view input, error_code& ec)
    {
        constexpr std::size_t status_end = std::string_view{"HTTP/1.1 200"}.size();
        std::size_t bytes = 0;
        if (status_ == 0 && input.size() > status_end && input[status_end] == '\r') {
            cyclos::detail::wiped_string line{input}; // a token of a session may come in a field
            line.insert(status_end, 1, ' ');
            bytes = put(boost::asio::buffer(line), ec);
            bytes -= (std::min<std::size_t>)(bytes, 1);
        }
        else {
            bytes = put(boost::asio::buffer(input), ec);
        }
        size_ += bytes;
        const std::size_t pending = ec == boost::beast::http::error::need_more ? input.size() - bytes : 0;
        if (size_ > head_limit_ || (pending > 0 && size_ + pending >= head_limit_)) {
            ec = boost::beast::http::error::header_limit;
        }
        return bytes;
    }

    unsigned status() const noexcept { return status_; }

    const header_fields& fields() const noexcept { return fields_; }

    /** Whether what has come and was not parsed can be a part of a head.

        The parser looks at a head that comes in pieces only once the empty line at its end is there, which never comes
        where a peer speaks something else, or ends its lines with a bare LF.
    */
    bool plausible(std::string_view input) const noexcept
    {
        constexpr std::string_view begin = "HTTP/1.";
        if (status_ == 0 && !begin.starts_with(input.substr(0, begin.size()))) {
            return false;
        }
        for (std::size_t at = input.find('\n'); at != input.npos; at = input.find('\n', at + 1)) {
            if (at == 0 || input[at - 1] != '\r') {
                return false;
            }
        }
        return true;
    }

    /** Whether somebody on the way may see the end of this message elsewhere: a status without a body comes with the
        length of one, or a body of HTTP/1.0 in chunks. The connection carries nothing else then. The length of a 304 is
        that of the content which was not sent (RFC 9110, section 8.6).
    */
    bool ambiguous() const
    {
        return is_done() ? chunked() || (content_length().value_or(0) > 0 && status_ != 304)
                         : chunked() && version_ < 11;
    }

private:
    void on_request_impl(boost::beast::http::verb /*method*/, string_view /*name*/, string_view /*target*/,
                         int /*version*/, error_code& /*ec*/) override
    {}

    void on_response_impl(int code, string_view /*reason*/, int version, error_code& ec) override
    {
        status_ = static_cast<unsigned>(code);
        version_ = version;
        ec = {};
        if (status_ < 100) {
            ec = boost::beast::http::error::bad_status; // 000 would be an error code that says there is none
        }
    }

    void on_field_impl(boost::beast::http::field known, string_view name, string_view value, error_code& ec) override
    {
        ec = {};
        fields_.append({name.data(), name.size()}, {value.data(), value.size()});
        // Nobody asked for other codings. Beast takes a body in one of them as it is, and framed by whatever else it
        // finds, which may not be what others on the way find.
        if (known == boost::beast::http::field::transfer_encoding && !boost::beast::iequals(value, "chunked")) {
            ec = boost::beast::http::error::bad_transfer_encoding;
        }
    }

    // The bodies that have trailer fields do not come here, either.
    void on_trailer_field_impl(boost::beast::http::field /*known*/, string_view /*name*/, string_view /*value*/,
                               error_code& ec) CYCLOS_OVERRIDES_TRAILER_FIELD
    {
        ec = boost::beast::http::error::unexpected_body;
    }

    void on_header_impl(error_code& ec) override { ec = {}; }

    void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/, error_code& ec) override { ec = {}; }

    std::size_t on_body_impl(string_view /*body*/, error_code& ec) override
    {
        ec = boost::beast::http::error::unexpected_body; // those bodies do not come here
        return 0;
    }

    void on_chunk_header_impl(std::uint64_t /*size*/, string_view /*extensions*/, error_code& ec) override
    {
        ec = boost::beast::http::error::unexpected_body;
    }

    std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, string_view /*body*/, error_code& ec) override
    {
        ec = boost::beast::http::error::unexpected_body;
        return 0;
    }

    void on_finish_impl(error_code& ec) override { ec = {}; }

    std::uint32_t head_limit_;
    unsigned status_ = 0;
    int version_ = 0;
    header_fields fields_;
    std::uint64_t size_ = 0; // of what was parsed
};

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_RESPONSE_PARSER_HPP

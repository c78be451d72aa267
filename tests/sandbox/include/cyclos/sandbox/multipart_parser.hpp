//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_MULTIPART_PARSER_HPP
#define CYCLOS_SANDBOX_MULTIPART_PARSER_HPP

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace cyclos::sandbox {

/// The rules that a multipart_parser applies.
enum class multipart_rules {
    strict,   ///< Accepts only what the RFCs allow a client to send.
    tolerant, ///< Also accepts what servlet containers accept and other clients send.
};

/** An incremental parser of a `multipart/form-data` body with one image. It uses constant memory.

    With strict rules, it accepts only what RFC 7578 and RFC 2046 allow a sender: CRLF line ends,
    no preamble, no epilogue, no padding after a boundary; exactly one part, named `image`, with a
    file name and a media type; each header field of the part once, and none that form data does
    not have.

    With tolerant rules, it also accepts what OkHttp, Apache HttpClient, Ruby, Python and .NET send:
    preamble, epilogue and padding; parts with other names, which it skips; other header fields of a
    part; parameters without quotation marks, and `filename*`; a part without a media type; and
    parameters of the request's `Content-Type` other than the boundary.
*/
class multipart_parser
{
public:
    /// The header section of the image's part.
    struct part
    {
        std::string name = {};
        /// With `%22`, `%0D` and `%0A` decoded: the WHATWG form-data rules encode these three.
        std::string file_name = {};
        std::string content_type = {};
    };

    /// Called with each piece of the image's content; no piece is empty.
    using sink = std::function<void(std::string_view)>;

    /// @param content_type the `Content-Type` field of the request, which contains the boundary.
    multipart_parser(std::string_view content_type, sink on_content,
                     multipart_rules rules = multipart_rules::strict);

    /// Parses the next bytes of the body. @return False if the body is malformed, from then on.
    bool write(std::string_view bytes);

    /// Must be called at the end of the body. @return False if the body is malformed or incomplete.
    bool finish();

    /// The first error; empty if there is none so far.
    const std::string& error() const noexcept { return error_; }

    /// Whether the header section of the image's part has been read.
    bool has_part() const noexcept { return found_; }

    const sandbox::multipart_parser::part& part() const noexcept { return part_; }

private:
    enum class stage { failed, opening, headers, content, after_delimiter, finished };

    bool fail(std::string reason);
    bool is_tolerant() const noexcept { return rules_ == multipart_rules::tolerant; }
    std::size_t read_opening(std::string_view bytes);
    std::size_t read_headers(std::string_view bytes);
    std::size_t read_content(std::string_view bytes);
    std::size_t read_after_delimiter(std::string_view bytes);
    void begin_part();
    void emit_content(std::string_view bytes);
    bool parse_headers();
    bool parse_header(std::string_view line);
    bool parse_disposition(std::string_view value);
    bool store_parameter(std::string_view name, std::string_view text);
    bool is_image() const noexcept;

    sink on_content_;
    stage stage_ = stage::opening;
    std::string delimiter_;   ///< CRLF, two dashes and the boundary.
    std::size_t matched_ = 0; ///< The length of the delimiter's prefix that the last bytes match.
    std::string pending_;     ///< An incomplete header section, or the bytes after a delimiter.
    struct part part_;
    multipart_rules rules_;
    bool found_ = false;    ///< The header section of the image's part has been read.
    bool skipping_ = false; ///< The parser is in the preamble, or in a part that is not the image.
    bool has_disposition_ = false;
    std::string error_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_MULTIPART_PARSER_HPP

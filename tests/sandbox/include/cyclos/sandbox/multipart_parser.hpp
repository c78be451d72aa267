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

/// What a multipart_parser takes.
enum class multipart_rules {
    strict,   ///< What a client should send, and nothing else.
    tolerant, ///< What a servlet container takes, as far as clients make use of it.
};

/** Reads a `multipart/form-data` body with exactly one part, as it comes.

    Strictly, it takes what RFC 7578 and 2046 allow a sender and nothing else: CRLF line
    ends, no preamble and no epilogue, no padding behind a boundary; one part
    named `image` with a file name and a media type, each header once, and no
    header that form data does not have.

    Tolerantly, it takes what OkHttp, Apache HttpClient, Ruby, Python and .NET send as well: preamble, epilogue and
    padding, parts of other names beside the image, which are skipped, other headers of a part, parameters without
    quotation marks and `filename*`, no media type of the part, and other parameters beside the boundary.

    Memory is constant whatever the body.
*/
class multipart_parser
{
public:
    /// What the headers of the part said.
    struct part
    {
        std::string name = {};
        std::string file_name = {}; ///< `%22`, `%0D` and `%0A` undone, as the WHATWG form-data rules encode them.
        std::string content_type = {};
    };

    /// Called with the content of the part, piece by piece, never with nothing.
    using sink = std::function<void(std::string_view)>;

    /// The value of the `Content-Type` of the request, which names the boundary.
    multipart_parser(std::string_view content_type, sink on_content, multipart_rules rules = multipart_rules::strict);

    /// Takes more of the body. False once there is something wrong with it, for good.
    bool write(std::string_view bytes);

    /// To be called at the end of the body. False where it is wrong or not whole.
    bool finish();

    /// What is wrong; empty: nothing so far.
    const std::string& error() const noexcept { return error_; }

    /// Whether the headers of the part have been read.
    bool has_part() const noexcept { return found_; }

    const sandbox::multipart_parser::part& part() const noexcept { return part_; }

private:
    enum class stage { failed, opening, headers, content, after_delimiter, finished };

    bool fail(std::string reason);
    bool tolerant() const noexcept { return rules_ == multipart_rules::tolerant; }
    std::size_t read_opening(std::string_view bytes);
    std::size_t read_headers(std::string_view bytes);
    std::size_t read_content(std::string_view bytes);
    std::size_t read_after_delimiter(std::string_view bytes);
    void begin_part();
    void give(std::string_view bytes);
    bool parse_headers();
    bool parse_header(std::string_view line);
    bool parse_disposition(std::string_view value);
    bool take_parameter(std::string_view name, std::string_view text);
    bool is_image() const noexcept;

    sink on_content_;
    stage stage_ = stage::opening;
    std::string delimiter_;   ///< CRLF, two dashes and the boundary.
    std::size_t matched_ = 0; ///< How much of the delimiter the last bytes were.
    std::string pending_;     ///< The beginning of something short that is not whole yet.
    struct part part_;
    multipart_rules rules_;
    bool found_ = false;    ///< The headers of the image have been read.
    bool skipping_ = false; ///< What comes is the preamble, or a part that is not the image.
    bool has_disposition_ = false;
    std::string error_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_MULTIPART_PARSER_HPP

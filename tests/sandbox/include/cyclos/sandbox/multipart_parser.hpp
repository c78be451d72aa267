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

/** Reads a `multipart/form-data` body with exactly one part, as it comes.

    It takes what RFC 7578 and 2046 allow a sender and nothing else: CRLF line
    ends, no preamble and no epilogue, no padding behind a boundary; one part
    named `image` with a file name and a media type, each header once, and no
    header that form data does not have. Memory is constant whatever the body.
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
    multipart_parser(std::string_view content_type, sink on_content);

    /// Takes more of the body. False once there is something wrong with it, for good.
    bool write(std::string_view bytes);

    /// To be called at the end of the body. False where it is wrong or not whole.
    bool finish();

    /// What is wrong; empty: nothing so far.
    const std::string& error() const noexcept { return error_; }

    /// Whether the headers of the part have been read.
    bool has_part() const noexcept { return stage_ >= stage::content; }

    const sandbox::multipart_parser::part& part() const noexcept { return part_; }

private:
    enum class stage { failed, opening, headers, content, after_delimiter, finished };

    bool fail(std::string reason);
    std::size_t read_opening(std::string_view bytes);
    std::size_t read_headers(std::string_view bytes);
    std::size_t read_content(std::string_view bytes);
    std::size_t read_after_delimiter(std::string_view bytes);
    void give(std::string_view bytes);
    bool parse_headers();
    bool parse_header(std::string_view line);
    bool parse_disposition(std::string_view value);

    sink on_content_;
    stage stage_ = stage::opening;
    std::string delimiter_;   ///< CRLF, two dashes and the boundary.
    std::size_t matched_ = 0; ///< How much of the delimiter the last bytes were.
    std::string pending_;     ///< The beginning of something short that is not whole yet.
    struct part part_;
    bool has_disposition_ = false;
    std::string error_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_MULTIPART_PARSER_HPP

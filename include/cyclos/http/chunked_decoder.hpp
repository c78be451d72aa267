//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_CHUNKED_DECODER_HPP
#define CYCLOS_HTTP_CHUNKED_DECODER_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/error.hpp>

#include <boost/asio/buffer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cyclos::inline CYCLOS_ABI::http {

/** Decodes the chunked transfer coding (RFC 9112, section 7.1) from input that is cut anywhere.

    Beast's parser has a decoder as well, but what that takes of a line, how much of it at once, and up to which length,
    differs between versions of Boost.

    White space behind the size of a chunk is skipped: some servers pad sizes with spaces. Everything that readers on
    the way may understand in different ways is an error, as soon as its first byte is there: a line that does not end
    with CR LF, control characters, and a trailer field about the framing. Extensions and trailer fields are dropped. A
    line has at most 4 KiB.
*/
class chunked_decoder
{
public:
    /// @param limit The bytes that may be dropped: of all trailer fields, and of extensions beyond the size of the
    /// content.
    explicit chunked_decoder(std::uint64_t limit) noexcept
        : limit_(limit)
    {}

    struct step
    {
        std::size_t consumed = 0; ///< Bytes of the input.
        std::size_t written = 0;  ///< Bytes of the content, in the target.
    };

    /// Takes all of the input, unless the target is full, the body has come to its end, or there is a failure().
    CYCLOS_DECL step decode(std::string_view input, boost::asio::mutable_buffer target);

    /// Whether the end of the body was decoded.
    bool done() const noexcept { return state_ == state::done; }

    /// errc::malformed_response or errc::header_limit, for good.
    const error_code& failure() const noexcept { return failure_; }

private:
    enum class state {
        size_begin,    ///< Before the first digit.
        size,          ///< Behind a digit.
        padding,       ///< In white space behind the size.
        extension,     ///< Behind a semicolon.
        size_end,      ///< Before the LF of the line.
        content,       ///< In the content of a chunk.
        content_cr,    ///< Before the CR behind it.
        content_end,   ///< Before the LF behind it.
        trailer_begin, ///< At the beginning of a line behind the last chunk.
        trailer_name,  ///< In the name of a trailer field.
        trailer_value, ///< In its value.
        trailer_end,   ///< Before the LF of the line.
        last_end,      ///< Before the last LF.
        done,
    };

    CYCLOS_DECL void take(char c);
    CYCLOS_DECL void take_digit(char c);
    CYCLOS_DECL void begin_content();
    CYCLOS_DECL void take_trailer_name(char c);
    CYCLOS_DECL void pad();
    CYCLOS_DECL void drop();
    CYCLOS_DECL void expect(char c, char wanted, state next);
    void fail(errc code) { failure_ = code; }

    std::uint64_t limit_;
    std::uint64_t left_ = 0;      // of the content of the chunk
    std::uint64_t dropped_ = 0;   // bytes of extensions, as far as there is no content to outweigh them
    std::size_t line_ = 0;        // bytes of the line so far
    std::size_t width_ = 0;       // of the size, with what pads it
    std::array<char, 17> name_{}; // as long as those that are looked for
    std::size_t name_size_ = 0;
    state state_ = state::size_begin;
    error_code failure_;
};

} // namespace cyclos::inline CYCLOS_ABI::http

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/http/impl/chunked_decoder.ipp>
#endif

#endif // CYCLOS_HTTP_CHUNKED_DECODER_HPP

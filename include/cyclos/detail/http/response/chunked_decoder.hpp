//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_RESPONSE_CHUNKED_DECODER_HPP
#define CYCLOS_DETAIL_HTTP_RESPONSE_CHUNKED_DECODER_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/error.hpp>

#include <boost/asio/buffer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/** Decodes the chunked transfer coding (RFC 9112, section 7.1) from input that is split anywhere.

    Beast's parser has a decoder too, but the lines that it accepts, how much of them it consumes at
    once, and its limits differ between versions of Boost.

    A state machine: process() takes the bytes of lines one by one, decode() copies content.
    - A chunk: size_begin, size, [padding], [extension], size_lf, content, content_cr, content_lf,
      and size_begin again.
    - After the last chunk, whose size is 0: trailer_begin; for each trailer field trailer_name,
      trailer_value, trailer_lf, and trailer_begin again; final_lf, done.

    White space after the size is skipped, because some servers pad sizes with spaces. Extensions
    and trailer fields are dropped. Input that an intermediary may interpret differently is an error
    at its first byte: a line that does not end with CR LF, a control character, and a trailer field
    that would change the framing. A line has at most 4 KiB.

    response::read_chunked() calls it on the strand of the pool. It does no I/O and allocates
    nothing. A failure is permanent: after it, decode() consumes nothing.
*/
class chunked_decoder
{
public:
    /// @param limit How many bytes may be dropped: of all trailer fields together, and of
    /// extensions in excess of the content received with them.
    explicit chunked_decoder(std::uint64_t limit) noexcept
        : drop_limit_(limit)
    {}

    struct step
    {
        std::size_t consumed = 0; ///< Bytes of the input.
        std::size_t written = 0;  ///< Bytes of content, written to the target.
    };

    /// Consumes input until there is no more, the target is full, the end of the body is reached,
    /// or there is a failure(). Content that was written before a failure is valid.
    CYCLOS_DECL step decode(std::string_view input, boost::asio::mutable_buffer target);

    /// Whether the end of the body was reached.
    bool done() const noexcept { return state_ == state::done; }

    /// errc::malformed_response or errc::header_limit, if decoding has failed.
    const error_code& failure() const noexcept { return failure_; }

private:
    enum class state {
        size_begin,    ///< Before the first digit of a size.
        size,          ///< After a digit.
        padding,       ///< In white space after the size.
        extension,     ///< After a semicolon.
        size_lf,       ///< Before the LF of the line.
        content,       ///< In the content of a chunk.
        content_cr,    ///< Before the CR after the content.
        content_lf,    ///< Before the LF after the content.
        trailer_begin, ///< At the beginning of a line after the last chunk.
        trailer_name,  ///< In the name of a trailer field.
        trailer_value, ///< In the value of a trailer field.
        trailer_lf,    ///< Before the LF of a trailer field.
        final_lf,      ///< Before the LF of the empty line at the end.
        done,
    };

    /// Takes one byte, in any state but content.
    CYCLOS_DECL void process(char c);

    CYCLOS_DECL void process_size(char c);
    CYCLOS_DECL void end_size_line();
    CYCLOS_DECL void process_trailer_name(char c);

    /// Counts a byte of the size, or of the white space after it.
    CYCLOS_DECL void count_size_char();

    /// Counts a byte that is dropped. Fails above the limit.
    CYCLOS_DECL void count_dropped();

    /// Fails unless the byte is the expected one.
    CYCLOS_DECL void require(char c, char expected, state next);

    void fail(errc code) { failure_ = code; }

    std::uint64_t drop_limit_;
    std::uint64_t chunk_remaining_ = 0;   // bytes of content; the size while that is parsed
    std::uint64_t dropped_ = 0;           // bytes; those of extensions minus the content since
    std::size_t line_length_ = 0;         // bytes of the current line so far
    std::size_t size_width_ = 0;          // digits of the size, and white space after it
    std::array<char, 17> trailer_name_{}; // its beginning, long enough for "Transfer-Encoding"
    std::size_t trailer_name_size_ = 0;
    state state_ = state::size_begin;
    error_code failure_;
};

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/http/response/impl/chunked_decoder.ipp>
#endif

#endif // CYCLOS_DETAIL_HTTP_RESPONSE_CHUNKED_DECODER_HPP

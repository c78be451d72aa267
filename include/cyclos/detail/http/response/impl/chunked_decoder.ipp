//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_RESPONSE_IMPL_CHUNKED_DECODER_IPP
#define CYCLOS_DETAIL_HTTP_RESPONSE_IMPL_CHUNKED_DECODER_IPP

#include <cyclos/detail/http/response/chunked_decoder.hpp>

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <cstring>
#include <limits>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

namespace detail {

// Maximum length of a line: the size of a chunk with its extensions, or a trailer field.
inline constexpr std::size_t max_chunk_line = 4096;

// The hexadecimal digits of a 64-bit size. Zeros and spaces that pad a size up to this width are
// harmless. More of them count as dropped bytes.
inline constexpr std::size_t max_size_digits = 16;

inline int hexadecimal_digit(char c) noexcept
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

inline bool is_blank(char c) noexcept
{
    return c == ' ' || c == '\t';
}

/// Whether a line may contain the character: any except control characters other than a tab.
inline bool is_line_char(char c) noexcept
{
    return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
}

} // namespace detail

CYCLOS_DECL chunked_decoder::step chunked_decoder::decode(std::string_view input,
                                                          boost::asio::mutable_buffer target)
{
    step result;
    while (result.consumed < input.size() && state_ != state::done && !failure_) {
        if (state_ != state::content) {
            const char c = input[result.consumed++];
            line_length_ = c == '\n' ? 0 : line_length_ + 1;
            if (line_length_ > detail::max_chunk_line) {
                fail(errc::header_limit);
                break;
            }
            process(c);
            continue;
        }
        const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(
            {chunk_remaining_, input.size() - result.consumed, target.size()}));
        if (bytes == 0) {
            break; // the target is full
        }
        std::memcpy(target.data(), input.data() + result.consumed, bytes);
        target += bytes;
        result.consumed += bytes;
        result.written += bytes;
        chunk_remaining_ -= bytes;
        if (chunk_remaining_ == 0) {
            state_ = state::content_cr;
        }
    }
    return result;
}

CYCLOS_DECL void chunked_decoder::process(char c)
{
    switch (state_) {
    case state::size_begin:
    case state::size: return process_size(c);
    case state::padding:
        if (!detail::is_blank(c)) {
            return require(c, c == ';' ? ';' : '\r', c == ';' ? state::extension : state::size_lf);
        }
        return count_size_char();
    case state::extension:
        if (c == '\r') {
            state_ = state::size_lf;
        }
        else if (!detail::is_line_char(c)) {
            fail(errc::malformed_response);
        }
        return count_dropped();
    case state::size_lf:
        require(c, '\n', chunk_remaining_ > 0 ? state::content : state::trailer_begin);
        return end_size_line();
    case state::content: return; // handled by decode()
    case state::content_cr: return require(c, '\r', state::content_lf);
    case state::content_lf: return require(c, '\n', state::size_begin);
    case state::trailer_begin:
        if (c == '\r') {
            state_ = state::final_lf;
            return;
        }
        trailer_name_size_ = 0;
        state_ = state::trailer_name;
        return process_trailer_name(c);
    case state::trailer_name: return process_trailer_name(c);
    case state::trailer_value:
        if (c == '\r') {
            state_ = state::trailer_lf;
        }
        else if (!detail::is_line_char(c)) {
            fail(errc::malformed_response);
        }
        return count_dropped();
    case state::trailer_lf: return require(c, '\n', state::trailer_begin);
    case state::final_lf: return require(c, '\n', state::done);
    case state::done: return;
    }
}

CYCLOS_DECL void chunked_decoder::process_size(char c)
{
    const int digit = detail::hexadecimal_digit(c);
    if (digit >= 0) {
        if (chunk_remaining_ > (std::numeric_limits<std::uint64_t>::max)() >> 4U) {
            return fail(errc::malformed_response);
        }
        chunk_remaining_ = (chunk_remaining_ << 4U) | static_cast<unsigned>(digit);
        state_ = state::size;
        return count_size_char();
    }
    if (state_ == state::size_begin) {
        return fail(errc::malformed_response);
    }
    state_ = state::padding;
    process(c);
}

CYCLOS_DECL void chunked_decoder::end_size_line()
{
    size_width_ = 0;
    // Each byte of content offsets a dropped byte of extensions. Without a limit on the difference,
    // a server could keep a client busy with extensions and hardly any content. After the last
    // chunk, the count begins again, for the trailer fields.
    dropped_ = chunk_remaining_ > 0 ? dropped_ - (std::min)(dropped_, chunk_remaining_) : 0;
}

CYCLOS_DECL void chunked_decoder::process_trailer_name(char c)
{
    constexpr std::string_view tchar_symbols = "!#$%&'*+-.^_`|~";
    if (c == ':' && trailer_name_size_ > 0) {
        // An intermediary may merge the field into the header section (RFC 9110, section 6.5.1).
        const std::string_view name{trailer_name_.data(),
                                    (std::min)(trailer_name_size_, trailer_name_.size())};
        if (trailer_name_size_ <= trailer_name_.size() &&
            (boost::beast::iequals(name, "Content-Length") ||
             boost::beast::iequals(name, "Transfer-Encoding"))) {
            return fail(errc::malformed_response);
        }
        state_ = state::trailer_value;
        return count_dropped();
    }
    const bool is_alphanumeric =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_alphanumeric && (c == '\0' || tchar_symbols.find(c) == tchar_symbols.npos)) {
        return fail(errc::malformed_response);
    }
    if (trailer_name_size_ < trailer_name_.size()) {
        trailer_name_[trailer_name_size_] = c;
    }
    ++trailer_name_size_;
    count_dropped();
}

CYCLOS_DECL void chunked_decoder::count_size_char()
{
    if (++size_width_ > detail::max_size_digits) {
        count_dropped();
    }
}

CYCLOS_DECL void chunked_decoder::count_dropped()
{
    if (++dropped_ > drop_limit_ && !failure_) {
        fail(errc::header_limit);
    }
}

CYCLOS_DECL void chunked_decoder::require(char c, char expected, state next)
{
    if (c == expected) {
        state_ = next;
    }
    else {
        fail(errc::malformed_response);
    }
}

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_RESPONSE_IMPL_CHUNKED_DECODER_IPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_CHUNKED_DECODER_IPP
#define CYCLOS_HTTP_IMPL_CHUNKED_DECODER_IPP

#include <cyclos/http/chunked_decoder.hpp>

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <cstring>
#include <limits>

namespace cyclos::inline CYCLOS_ABI::http {

namespace detail {

// The longest line: the size of a chunk with its extensions, or a trailer field.
inline constexpr std::size_t longest_chunk_line = 4096;

// Of a size of 64 bits in hexadecimal. Zeros or spaces that pad a size to it are no attempt to keep a client busy.
inline constexpr std::size_t usual_width = 16;

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

/// Whether a line may hold the character: any but controls, of which a tab is none here.
inline bool is_of_line(char c) noexcept
{
    return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
}

} // namespace detail

CYCLOS_DECL chunked_decoder::step chunked_decoder::decode(std::string_view input, boost::asio::mutable_buffer target)
{
    step result;
    while (result.consumed < input.size() && state_ != state::done && !failure_) {
        if (state_ != state::content) {
            const char c = input[result.consumed++];
            line_ = c == '\n' ? 0 : line_ + 1;
            if (line_ > detail::longest_chunk_line) {
                fail(errc::header_limit);
                break;
            }
            take(c);
            continue;
        }
        const auto bytes =
            static_cast<std::size_t>(std::min<std::uint64_t>({left_, input.size() - result.consumed, target.size()}));
        if (bytes == 0) {
            break; // there is no more room
        }
        std::memcpy(target.data(), input.data() + result.consumed, bytes);
        target += bytes;
        result.consumed += bytes;
        result.written += bytes;
        left_ -= bytes;
        if (left_ == 0) {
            state_ = state::content_cr;
        }
    }
    return result;
}

CYCLOS_DECL void chunked_decoder::take(char c)
{
    switch (state_) {
    case state::size_begin:
    case state::size: return take_digit(c);
    case state::padding:
        if (!detail::is_blank(c)) {
            return expect(c, c == ';' ? ';' : '\r', c == ';' ? state::extension : state::size_end);
        }
        return pad();
    case state::extension:
        if (c == '\r') {
            state_ = state::size_end;
        }
        else if (!detail::is_of_line(c)) {
            fail(errc::malformed_response);
        }
        return drop();
    case state::size_end: expect(c, '\n', left_ > 0 ? state::content : state::trailer_begin); return begin_content();
    case state::content: return; // decode() takes it
    case state::content_cr: return expect(c, '\r', state::content_end);
    case state::content_end: return expect(c, '\n', state::size_begin);
    case state::trailer_begin:
        if (c == '\r') {
            state_ = state::last_end;
            return;
        }
        name_size_ = 0;
        state_ = state::trailer_name;
        return take_trailer_name(c);
    case state::trailer_name: return take_trailer_name(c);
    case state::trailer_value:
        if (c == '\r') {
            state_ = state::trailer_end;
        }
        else if (!detail::is_of_line(c)) {
            fail(errc::malformed_response);
        }
        return drop();
    case state::trailer_end: return expect(c, '\n', state::trailer_begin);
    case state::last_end: return expect(c, '\n', state::done);
    case state::done: return;
    }
}

CYCLOS_DECL void chunked_decoder::take_digit(char c)
{
    const int digit = detail::hexadecimal_digit(c);
    if (digit >= 0) {
        if (left_ > (std::numeric_limits<std::uint64_t>::max)() >> 4U) {
            return fail(errc::malformed_response);
        }
        left_ = (left_ << 4U) | static_cast<unsigned>(digit);
        state_ = state::size;
        return pad();
    }
    if (state_ == state::size_begin) {
        return fail(errc::malformed_response);
    }
    state_ = state::padding;
    take(c);
}

CYCLOS_DECL void chunked_decoder::begin_content()
{
    width_ = 0;
    // Extensions are dropped. Little content among many of them would keep a client busy without end.
    dropped_ = left_ > 0 ? dropped_ - (std::min)(dropped_, left_) : 0;
}

CYCLOS_DECL void chunked_decoder::take_trailer_name(char c)
{
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    if (c == ':' && name_size_ > 0) {
        // Others on the way may take the field for one of the header section.
        const std::string_view name{name_.data(), (std::min)(name_size_, name_.size())};
        if (name_size_ <= name_.size() &&
            (boost::beast::iequals(name, "Content-Length") || boost::beast::iequals(name, "Transfer-Encoding"))) {
            return fail(errc::malformed_response);
        }
        state_ = state::trailer_value;
        return drop();
    }
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_letter && (c == '\0' || others.find(c) == others.npos)) {
        return fail(errc::malformed_response);
    }
    if (name_size_ < name_.size()) {
        name_[name_size_] = c;
    }
    ++name_size_;
    drop();
}

CYCLOS_DECL void chunked_decoder::pad()
{
    if (++width_ > detail::usual_width) {
        drop();
    }
}

CYCLOS_DECL void chunked_decoder::drop()
{
    if (++dropped_ > limit_ && !failure_) {
        fail(errc::header_limit);
    }
}

CYCLOS_DECL void chunked_decoder::expect(char c, char wanted, state next)
{
    if (c == wanted) {
        state_ = next;
    }
    else {
        fail(errc::malformed_response);
    }
}

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_IMPL_CHUNKED_DECODER_IPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_FUZZ_SCRIPT_HPP
#define CYCLOS_FUZZ_SCRIPT_HPP

#include "fuzz/support/require.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace cyclos::fuzz {

/** The actions of a server as the input describes them: bytes are sent unchanged, except 0xff,
    which forms a mark with the next character. So an input is a readable dialogue:

    @code
    HTTP/1.1 200 OK\r\nContent-Le\xffnngth: 2\r\n\r\nok\xffo
    @endcode

    An unknown mark sends its second character.
*/
class script
{
public:
    explicit script(std::string_view text, std::string_view marks)
        : text_(text)
        , marks_(marks)
    {}

    struct step
    {
        char mark = 0; ///< 0: bytes are sent.
        std::string_view bytes = {};
    };

    std::optional<step> next()
    {
        if (text_.empty()) {
            return std::nullopt;
        }
        if (text_.front() != '\xff') {
            const std::size_t end = std::min(text_.find('\xff'), text_.size());
            const step result{0, text_.substr(0, end)};
            text_.remove_prefix(end);
            return result;
        }
        text_.remove_prefix(1);
        if (text_.empty()) {
            return std::nullopt;
        }
        const char mark = text_.front();
        const step result = marks_.find(mark) != std::string_view::npos
                                ? step{mark, {}}
                                : step{0, text_.substr(0, 1)};
        text_.remove_prefix(1);
        return result;
    }

private:
    std::string_view text_;
    std::string_view marks_;
};

} // namespace cyclos::fuzz

#endif // CYCLOS_FUZZ_SCRIPT_HPP

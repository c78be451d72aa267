//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SAFE_FILE_NAME_HPP
#define CYCLOS_SAFE_FILE_NAME_HPP

#include <cyclos/detail/config.hpp>

#include <string>
#include <string_view>

namespace cyclos {
inline namespace CYCLOS_ABI {

/** Makes a safe file name from untrusted text, such as an id, a key or a name from the server.

    On every system, the result names a file in the folder that it is appended to, and nothing else.
    It is the part of the text after the last slash or backslash, in UTF-8 and with at most 200
    bytes. These are replaced with `_`:
    - bytes that are not UTF-8,
    - control characters, and characters that change the direction of text,
    - characters that Windows does not allow in file names,
    - a dot or a dash at the beginning, and a dot or a space at the end.

    A device name of Windows, such as `nul.png`, gets a `_` in front. If the name is too long, the
    extension is kept.

    Different texts can result in the same name: save_options::overwrite decides what happens then.

    @param text The untrusted text.
    @param fallback The result if nothing is left of the text. It is returned unchanged.

    @code
    auto content = co_await images.get_image_content(key);
    co_await content.save_to(folder / cyclos::safe_file_name(key));
    @endcode

    @par Exceptions
    Throws only if memory is exhausted.

    @par Thread safety
    Safe.
*/
CYCLOS_DECL std::string safe_file_name(std::string_view text, std::string_view fallback = "image");

} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/impl/safe_file_name.ipp>
#endif

#endif // CYCLOS_SAFE_FILE_NAME_HPP

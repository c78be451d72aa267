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

namespace cyclos::inline CYCLOS_ABI {

/** Makes a name for a file of a text that somebody else chose: an id, a key or a name that the server says.

    The result names a file in the folder that it is put into, on every system, and nothing else: it is the last part
    of a path, in UTF-8, of 200 bytes at most, with `_` in place of what is not UTF-8, of control characters, of
    characters that change the direction of a text, of those that Windows does not allow, of a dot or a dash at the
    beginning and of a dot or a space at the end. A name that is a device on Windows, such as `nul.png`, gets a `_` in
    front.

    Different texts may give the same name: save_options::overwrite says what happens then.

    @param fallback The result if nothing is left. It is taken as it is.

    @code
    auto content = co_await images.get_image_content(key);
    co_await content.save_to(folder / cyclos::safe_file_name(key));
    @endcode
*/
CYCLOS_DECL std::string safe_file_name(std::string_view text, std::string_view fallback = "image");

} // namespace cyclos::inline CYCLOS_ABI

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/impl/safe_file_name.ipp>
#endif

#endif // CYCLOS_SAFE_FILE_NAME_HPP

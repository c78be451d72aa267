//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGES_IMPL_DECODE_HPP
#define CYCLOS_IMAGES_IMPL_DECODE_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/http/progress.hpp>
#include <cyclos/images/models.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cyclos::inline CYCLOS_ABI::detail {

/** Makes a model of the JSON text that the server answered.

    Members that are not known are ignored, null stands for absent. Anything else that is not as the API says
    throws `error(errc::unexpected_response)` in phase::decoding, with the member in the details.

    @param where How far the operation has come, for the error.
*/
template <class Model>
Model decode(std::string_view text, const http::progress& where);

template <>
CYCLOS_DECL image decode<image>(std::string_view text, const http::progress& where);
template <>
CYCLOS_DECL image_view decode<image_view>(std::string_view text, const http::progress& where);
template <>
CYCLOS_DECL images_list_data decode<images_list_data>(std::string_view text, const http::progress& where);
template <>
CYCLOS_DECL std::vector<image> decode<std::vector<image>>(std::string_view text, const http::progress& where);

/** The identifier that an upload answers: plain text, with white space around it or in JSON quotes.

    Throws as @ref decode does where the text cannot be an identifier: an upload of which it is not known
    what became of it must not look like one that succeeded.
*/
CYCLOS_DECL std::string decode_id(std::string_view text, const http::progress& where);

} // namespace cyclos::inline CYCLOS_ABI::detail

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/images/impl/decode.ipp>
#endif

#endif // CYCLOS_IMAGES_IMPL_DECODE_HPP

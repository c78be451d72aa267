//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_API_DECODE_HPP
#define CYCLOS_DETAIL_API_DECODE_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/exchange_state.hpp>
#include <cyclos/models.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/** Decodes a JSON response into a model.

    Unknown members are ignored, and null means absent.

    @param state The state of the operation, for the context of an error.
    @throws cyclos::error with errc::unexpected_response in phase::decoding if the text is not valid
    JSON, or a member has another type than in the API. The detail names the member.
*/
template <class Model>
Model decode(std::string_view text, const http::exchange_state& state);

template <>
CYCLOS_DECL image decode<image>(std::string_view text, const http::exchange_state& state);
template <>
CYCLOS_DECL image_view decode<image_view>(std::string_view text, const http::exchange_state& state);
template <>
CYCLOS_DECL images_list_data decode<images_list_data>(std::string_view text,
                                                      const http::exchange_state& state);
template <>
CYCLOS_DECL std::vector<image> decode<std::vector<image>>(std::string_view text,
                                                          const http::exchange_state& state);

/** Decodes the identifier in the response to an upload: plain text, with optional white space
    around it, or a JSON string.

    @throws cyclos::error as @ref decode does if the text cannot be an identifier. The result of the
    upload is unknown then, and must not be reported as a success.
*/
CYCLOS_DECL std::string decode_id(std::string_view text, const http::exchange_state& state);

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/api/impl/decode.ipp>
#endif

#endif // CYCLOS_DETAIL_API_DECODE_HPP

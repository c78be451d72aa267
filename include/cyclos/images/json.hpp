//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGES_JSON_HPP
#define CYCLOS_IMAGES_JSON_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/images/models.hpp>

#include <boost/json/value.hpp>

#include <vector>

namespace cyclos::inline CYCLOS_ABI {

/** @{
    The model as the API spells it, such as `{"id": "1", "contentType": "image/png"}`.

    Members that are absent are left out.
*/
CYCLOS_DECL boost::json::value to_json(const image& value);
CYCLOS_DECL boost::json::value to_json(const image_view& value);
CYCLOS_DECL boost::json::value to_json(const images_list_data& value);
CYCLOS_DECL boost::json::value to_json(const uploaded_image& value);
CYCLOS_DECL boost::json::value to_json(const std::vector<image>& value);
/// @}

} // namespace cyclos::inline CYCLOS_ABI

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/images/impl/json.ipp>
#endif

#endif // CYCLOS_IMAGES_JSON_HPP

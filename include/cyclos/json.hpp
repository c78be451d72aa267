//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_JSON_HPP
#define CYCLOS_JSON_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/models.hpp>

#include <boost/json/value.hpp>

#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {

/** @{
    Converts a model to JSON with the member names of the API, such as
    `{"id": "1", "contentType": "image/png"}`.

    Absent members are left out.
*/
CYCLOS_DECL boost::json::value to_json(const image& value);
CYCLOS_DECL boost::json::value to_json(const image_view& value);
CYCLOS_DECL boost::json::value to_json(const images_list_data& value);
CYCLOS_DECL boost::json::value to_json(const uploaded_image& value);
CYCLOS_DECL boost::json::value to_json(const std::vector<image>& value);
/// @}

} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/impl/json.ipp>
#endif

#endif // CYCLOS_JSON_HPP

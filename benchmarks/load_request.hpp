//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_BENCHMARKS_LOAD_REQUEST_HPP
#define CYCLOS_BENCHMARKS_LOAD_REQUEST_HPP

#include "load_options.hpp"

#include <string>

namespace load {

// The request fields of the library, for peers that have to send the same.

/// The target after the base URL.
inline std::string path(const options& o)
{
    switch (o.operation) {
    case operation::view_image: return "/images/" + o.id;
    case operation::get_image_content: return "/images/content/" + o.id;
    case operation::upload_temp_image: return "/images/temp";
    }
    return {};
}

inline const char* accept(const options& o)
{
    switch (o.operation) {
    case operation::view_image: return "application/json";
    case operation::get_image_content: return "image/*, application/json;q=0.9";
    case operation::upload_temp_image: return "text/plain, application/json;q=0.9";
    }
    return "*/*";
}

inline constexpr char form_field[] = "image";
inline constexpr char file_name[] = "load.png";
inline constexpr char media_type[] = "image/png";

} // namespace load

#endif // CYCLOS_BENCHMARKS_LOAD_REQUEST_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_MODELS_HPP
#define CYCLOS_TOOL_MODELS_HPP

#include "console.hpp"

#include <cyclos/images/models.hpp>
#include <cyclos/result.hpp>

#include <string>
#include <vector>

namespace tool {

/// @{ Prints a model as the console wants it: as JSON, or as a table for people.
void print(const console& out, const cyclos::image_view& value);
void print(const console& out, const cyclos::images_list_data& value);
void print(const console& out, const cyclos::uploaded_image& value);
void print(const console& out, const std::vector<cyclos::image>& value);

/// What became of each file, in their order.
void print(const console& out, const std::vector<std::string>& files,
           const std::vector<cyclos::result<cyclos::uploaded_image>>& outcomes);
/// @}

} // namespace tool

#endif // CYCLOS_TOOL_MODELS_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_MODELS_HPP
#define CYCLOS_TOOL_MODELS_HPP

#include "console.hpp"
#include "failure.hpp"

#include <cyclos/images/models.hpp>

#include <optional>
#include <string>
#include <vector>

namespace tool {

/// What became of one of several files: it is stored, or there is a reason why not.
struct file_outcome
{
    std::string file = {};
    std::optional<cyclos::uploaded_image> stored = {};
    failure reason = {};
};

/// Whether a file that is not known to be stored may be stored all the same: all of it was sent, and nobody answered.
bool may_be_stored(const file_outcome& outcome);

/// @{ Prints a model as the console wants it: as JSON, or as a table for people.
void print(const console& out, const cyclos::image_view& value);
void print(const console& out, const cyclos::images_list_data& value);
void print(const console& out, const cyclos::uploaded_image& value);
void print(const console& out, const std::vector<cyclos::image>& value);

/// What became of each file, in their order.
void print(const console& out, const std::vector<file_outcome>& outcomes);
/// @}

} // namespace tool

#endif // CYCLOS_TOOL_MODELS_HPP

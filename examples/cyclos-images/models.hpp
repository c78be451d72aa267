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

#include <cyclos/models.hpp>

#include <optional>
#include <string>
#include <vector>

namespace tool {

/// The outcome of the upload of one of several files.
struct file_outcome
{
    std::string file = {};
    std::optional<cyclos::uploaded_image> stored = {};
    failure reason = {}; ///< If it is not stored.
};

/// Whether the server may have stored a file although its upload failed: all of it was sent, but
/// the server did not respond.
bool may_be_stored(const file_outcome& outcome);

/// @{ Prints a model as JSON or as text, depending on the console.
void print(const console& out, const cyclos::image_view& value);
void print(const console& out, const cyclos::images_list_data& value);
void print(const console& out, const cyclos::uploaded_image& value);
void print(const console& out, const std::vector<cyclos::image>& value);

/// Prints the outcomes of several files, in their order.
void print(const console& out, const std::vector<file_outcome>& outcomes);
/// @}

} // namespace tool

#endif // CYCLOS_TOOL_MODELS_HPP

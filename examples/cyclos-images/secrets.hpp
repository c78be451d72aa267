//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_SECRETS_HPP
#define CYCLOS_TOOL_SECRETS_HPP

#include <string>
#include <string_view>
#include <vector>

namespace tool {

/** Texts that must not be shown.

    What a server says could repeat what it was sent, as it is or escaped: percent-encoded, as in URLs and forms, or as
    HTML and JSON escape characters.
*/
class secrets
{
public:
    void add(std::string text);

    /// The text with every secret in it blotted out, however its characters are escaped.
    std::string blot(std::string_view text) const;

private:
    std::vector<std::string> texts_; ///< The longest first.
};

} // namespace tool

#endif // CYCLOS_TOOL_SECRETS_HPP

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

/** Texts that must not be printed.

    A response may repeat a secret of the request, as it is or escaped: percent-encoded as in URLs
    and forms, or with the escape sequences of HTML or JSON.
*/
class secrets
{
public:
    void add(std::string text);

    /// Replaces every secret in a text by asterisks, however its characters are escaped.
    std::string redact(std::string_view text) const;

private:
    std::vector<std::string> texts_; ///< Longest first.
};

} // namespace tool

#endif // CYCLOS_TOOL_SECRETS_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_TARGET_HPP
#define CYCLOS_SANDBOX_SRC_TARGET_HPP

#include <cyclos/sandbox/options.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cyclos::sandbox {

/// The query parameters of a request, decoded like a form: `+` is a space.
class query
{
public:
    query() = default;
    explicit query(std::string_view text);

    /// Checks that there are no other parameters.
    /// @param names separated by spaces.
    /// @throws error_reply with status 400.
    void check_names(std::string_view names) const;

    bool has(std::string_view name) const noexcept;

    /// The value of a parameter; empty if there is none.
    /// @throws error_reply with status 400 if there is more than one.
    std::string single(std::string_view name) const;

    /// A number of pixels; 0 if there is none.
    /// @throws error_reply with status 422 if the value is not a positive number.
    unsigned pixels(std::string_view name) const;

    /// A value of an enumeration; empty if there is none.
    /// @param values separated by spaces.
    /// @throws error_reply with status 422 if the value is not one of them.
    std::string one_of(std::string_view name, std::string_view values) const;

    /// @{ The elements of a list.
    /// @throws error_reply with status 422 if the version of the API has another format of the
    /// list.
    std::vector<std::string> fields(api_version version) const;
    std::vector<std::string> ids(api_version version) const;
    /// @}

private:
    enum class list_form { separated, repeated, any };

    std::vector<std::string> list(std::string_view name, list_form form) const;

    std::vector<std::pair<std::string, std::string>> parameters_;
};

/// The request target, parsed: the path below the base path, and the query.
struct target
{
    std::vector<std::string> path = {}; ///< The decoded segments.
    sandbox::query query = {};

    /// @throws error_reply with status 400 if the target does not comply with RFC 3986, or 404 if
    /// it is not below the base path.
    static target parse(std::string_view text, std::string_view base_path);
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_TARGET_HPP

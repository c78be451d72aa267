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

/// The query of a request, decoded as a form is: a `+` is a space.
class query
{
public:
    query() = default;
    explicit query(std::string_view text);

    /// Throws a 400 where there is a parameter that @p names, separated by spaces, do not have.
    void allow_only(std::string_view names) const;

    bool has(std::string_view name) const noexcept;

    /// Empty where there is none; throws a 400 where there is more than one.
    std::string single(std::string_view name) const;

    /// A number of pixels, 0 where there is none.
    unsigned pixels(std::string_view name) const;

    /// One of @p values, separated by spaces, or empty; throws a 422 where it is another.
    std::string one_of(std::string_view name, std::string_view values) const;

    /// A list, in the form of the dialect; throws a 422 where it has another.
    std::vector<std::string> fields(dialect spoken) const;
    std::vector<std::string> ids(dialect spoken) const;

private:
    enum class list_form { separated, repeated, any };

    std::vector<std::string> list(std::string_view name, list_form form) const;

    std::vector<std::pair<std::string, std::string>> parameters_;
};

/// The path below the base and the query of a request.
struct target
{
    std::vector<std::string> path = {}; ///< Segments, decoded.
    sandbox::query query = {};

    /// Throws a 400 where it is not in the form of RFC 3986, a 404 where it is not below the base.
    static target parse(std::string_view text, std::string_view base_path);
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_TARGET_HPP

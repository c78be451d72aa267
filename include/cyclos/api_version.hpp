//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_API_VERSION_HPP
#define CYCLOS_API_VERSION_HPP

#include <cyclos/detail/config.hpp>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// The version of the API that the server speaks. It decides how query strings encode lists, which
/// changed between versions.
enum class api_version {
    v4_11, ///< `fields=a&fields=b`, `ids=1,2`: Cyclos 4.11, and at least up to 4.12.
    v4_16, ///< `fields=a,b`, `ids=1&ids=2`: Cyclos 4.16.
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_API_VERSION_HPP

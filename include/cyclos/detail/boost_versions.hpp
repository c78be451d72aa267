//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BOOST_VERSIONS_HPP
#define CYCLOS_DETAIL_BOOST_VERSIONS_HPP

// Everything in which the library depends on the version of Boost stands here. Elsewhere it uses only what all versions
// from 1.81 on have in common.

#include <cyclos/detail/config.hpp>

#include <boost/version.hpp>

#include <cstddef>

#if defined(BOOST_VERSION) && BOOST_VERSION < 108100
#error "cyclos-images needs Boost 1.81 or later."
#endif

// Since 1.90 basic_parser passes the trailer fields of a chunked body to a function of their own, which is pure
// virtual. Before, they arrive by the function for fields of the header section.
#if BOOST_VERSION >= 109000
#define CYCLOS_OVERRIDES_TRAILER_FIELD override
#else
#define CYCLOS_OVERRIDES_TRAILER_FIELD
#endif

namespace cyclos::inline CYCLOS_ABI::detail {

/// The fewest bytes of a chunked body that basic_parser can be given.
#if BOOST_VERSION >= 108700
inline constexpr std::size_t smallest_chunked_input = 1;
#else
// Before 1.87 it takes the end of a chunked body only as a whole, and asserts that the input has at least the bytes of
// `0 CR LF CR LF`. No chunked body ends with fewer.
inline constexpr std::size_t smallest_chunked_input = 5;
#endif

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_BOOST_VERSIONS_HPP

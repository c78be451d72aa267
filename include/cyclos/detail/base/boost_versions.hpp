//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_BOOST_VERSIONS_HPP
#define CYCLOS_DETAIL_BASE_BOOST_VERSIONS_HPP

// Everything that depends on the Boost version is in this file. Elsewhere the library uses only
// what all versions from 1.81 on have in common.

#include <boost/version.hpp>

#if defined(BOOST_VERSION) && BOOST_VERSION < 108100
#error "cyclos-images needs Boost 1.81 or later."
#endif

// Since 1.90 basic_parser passes the trailer fields of a chunked body to a separate function, which
// is pure virtual. Earlier versions pass them to the function for the fields of the header section.
#if BOOST_VERSION >= 109000
#define CYCLOS_OVERRIDES_TRAILER_FIELD override
#else
#define CYCLOS_OVERRIDES_TRAILER_FIELD
#endif

#endif // CYCLOS_DETAIL_BASE_BOOST_VERSIONS_HPP

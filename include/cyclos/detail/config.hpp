//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CONFIG_HPP
#define CYCLOS_DETAIL_CONFIG_HPP

// Header-only is the default: each header pulls in its own impl/*.ipp, and what
// stands there is inline. With CYCLOS_SEPARATE_COMPILATION those files are
// compiled once, in the one translation unit that includes <cyclos/src.hpp>.
#if defined(CYCLOS_SEPARATE_COMPILATION)
#define CYCLOS_DECL
#else
#define CYCLOS_HEADER_ONLY 1
#define CYCLOS_DECL inline
#endif

#endif // CYCLOS_DETAIL_CONFIG_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CONFIG_HPP
#define CYCLOS_DETAIL_CONFIG_HPP

#include <cyclos/detail/requirements.hpp>
#include <cyclos/version.hpp>

// Header-only is the default: each header includes its impl/*.ipp, whose definitions are inline.
// With CYCLOS_SEPARATE_COMPILATION the definitions are compiled once, in the one translation unit
// that includes <cyclos/src.hpp>.
#if defined(CYCLOS_SEPARATE_COMPILATION)
#define CYCLOS_DECL
#define CYCLOS_ABI                                                                                 \
    CYCLOS_ABI_OF(CYCLOS_IMAGES_VERSION_MAJOR, CYCLOS_IMAGES_VERSION_MINOR,                        \
                  CYCLOS_IMAGES_VERSION_PATCH, _separate)
#else
#define CYCLOS_HEADER_ONLY 1
#define CYCLOS_DECL inline
#define CYCLOS_ABI                                                                                 \
    CYCLOS_ABI_OF(CYCLOS_IMAGES_VERSION_MAJOR, CYCLOS_IMAGES_VERSION_MINOR,                        \
                  CYCLOS_IMAGES_VERSION_PATCH, )
#endif

// The inline namespace of everything that is compiled. If two versions, or header-only and separate
// compilation, are mixed in one program, linking fails. Without it the program would silently use
// either definition (a violation of the one-definition rule).
#define CYCLOS_ABI_OF(major, minor, patch, mode) CYCLOS_ABI_NAME(major, minor, patch, mode)
#define CYCLOS_ABI_NAME(major, minor, patch, mode) v##major##_##minor##_##patch##mode

#endif // CYCLOS_DETAIL_CONFIG_HPP

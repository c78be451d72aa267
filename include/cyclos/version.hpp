//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_VERSION_HPP
#define CYCLOS_VERSION_HPP

// The single definition of the version: CMakeLists.txt and conanfile.py parse these lines.
#define CYCLOS_IMAGES_VERSION_MAJOR 0
#define CYCLOS_IMAGES_VERSION_MINOR 2
#define CYCLOS_IMAGES_VERSION_PATCH 0

#define CYCLOS_IMAGES_STRINGIZE_(text) #text
#define CYCLOS_IMAGES_STRINGIZE(macro) CYCLOS_IMAGES_STRINGIZE_(macro)

/// The version as a string, such as "1.2.3".
#define CYCLOS_IMAGES_VERSION                                                                      \
    CYCLOS_IMAGES_STRINGIZE(CYCLOS_IMAGES_VERSION_MAJOR)                                           \
    "." CYCLOS_IMAGES_STRINGIZE(CYCLOS_IMAGES_VERSION_MINOR) "." CYCLOS_IMAGES_STRINGIZE(          \
        CYCLOS_IMAGES_VERSION_PATCH)

/// The version as a number for comparisons: 1.2.3 is 10203.
#define CYCLOS_IMAGES_VERSION_NUMBER                                                               \
    (CYCLOS_IMAGES_VERSION_MAJOR * 10000 + CYCLOS_IMAGES_VERSION_MINOR * 100 +                     \
     CYCLOS_IMAGES_VERSION_PATCH)

#endif // CYCLOS_VERSION_HPP

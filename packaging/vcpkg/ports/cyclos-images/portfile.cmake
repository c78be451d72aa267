#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

vcpkg_check_features(OUT_FEATURE_OPTIONS feature_options
    FEATURES
        sandbox CYCLOS_IMAGES_INSTALL_SANDBOX
        tool    CYCLOS_IMAGES_INSTALL_TOOL
)
if(NOT "sandbox" IN_LIST FEATURES)
    set(VCPKG_BUILD_TYPE release) # headers, and perhaps a program: nothing is linked in Debug
endif()

# The checkout of the port.
cmake_path(SET SOURCE_PATH NORMALIZE "${CURRENT_PORT_DIR}/../../../..")

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        ${feature_options}
        "-DCYCLOS_IMAGES_CMAKE_DIR=share/${PORT}"
        "-DCYCLOS_IMAGES_PKGCONFIG_DIR=lib/pkgconfig"
    OPTIONS_DEBUG
        -DCYCLOS_IMAGES_INSTALL_TOOL=OFF # the tool of the other build is installed
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup()
vcpkg_fixup_pkgconfig()
if("tool" IN_LIST FEATURES)
    vcpkg_copy_tools(TOOL_NAMES cyclos-images AUTO_CLEAN)
endif()

# Debian's folder for the licence; vcpkg has its own. Headers are the same in both builds.
file(REMOVE_RECURSE
    "${CURRENT_PACKAGES_DIR}/share/doc"
    "${CURRENT_PACKAGES_DIR}/debug/include"
    "${CURRENT_PACKAGES_DIR}/debug/share"
)
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")

#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Installs the headers, and what find_package(cyclos-images CONFIG) and
# pkg-config find them by.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Headers are the same on every machine, and so is what leads to them.
set(CYCLOS_IMAGES_CMAKE_DIR ${CMAKE_INSTALL_DATADIR}/cmake/cyclos-images CACHE STRING
    "Where the package for find_package is installed, below the prefix")
mark_as_advanced(CYCLOS_IMAGES_CMAKE_DIR)
set(package_dir ${CYCLOS_IMAGES_CMAKE_DIR})
set(pkg_config_dir ${CMAKE_INSTALL_DATADIR}/pkgconfig)
set(generated_dir ${PROJECT_BINARY_DIR}/package)

install(TARGETS cyclos_images EXPORT cyclos-images-targets INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/cyclos
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    COMPONENT development
    FILES_MATCHING PATTERN "*.hpp" PATTERN "*.ipp"
)
install(EXPORT cyclos-images-targets NAMESPACE cyclos:: DESTINATION ${package_dir} COMPONENT development)

configure_package_config_file(
    ${PROJECT_SOURCE_DIR}/cmake/cyclos-images-config.cmake.in ${generated_dir}/cyclos-images-config.cmake
    INSTALL_DESTINATION ${package_dir}
)
# Until 1.0 a minor version may change the interface.
write_basic_package_version_file(${generated_dir}/cyclos-images-config-version.cmake
    COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT
)
install(FILES
    ${generated_dir}/cyclos-images-config.cmake
    ${generated_dir}/cyclos-images-config-version.cmake
    DESTINATION ${package_dir}
    COMPONENT development
)

# Relative to where the file is found, so that the whole may be moved.
file(RELATIVE_PATH prefix_from_pkg_config /${pkg_config_dir} /)
configure_file(${PROJECT_SOURCE_DIR}/cmake/cyclos-images.pc.in ${generated_dir}/cyclos-images.pc @ONLY)
install(FILES ${generated_dir}/cyclos-images.pc DESTINATION ${pkg_config_dir} COMPONENT development)

install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libcyclos-images-dev RENAME copyright
    COMPONENT development
)

if(CYCLOS_IMAGES_INSTALL_SANDBOX)
    include(${CMAKE_CURRENT_LIST_DIR}/install_sandbox.cmake)
endif()

#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Installs the headers and a package for find_package(cyclos-images CONFIG).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cyclos-images)
set(generated_dir ${PROJECT_BINARY_DIR}/package)

install(TARGETS cyclos_images EXPORT cyclos-images-targets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/cyclos
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.hpp" PATTERN "*.ipp"
)
install(EXPORT cyclos-images-targets NAMESPACE cyclos:: DESTINATION ${package_dir})

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
)

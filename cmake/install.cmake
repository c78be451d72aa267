#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Installs the headers, and the files with which find_package(cyclos-images
# CONFIG) and pkg-config find them.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Headers and package files are independent of the architecture.
set(CYCLOS_IMAGES_CMAKE_DIR ${CMAKE_INSTALL_DATADIR}/cmake/cyclos-images CACHE STRING
    "Where the package for find_package is installed, below the prefix")
set(CYCLOS_IMAGES_PKGCONFIG_DIR ${CMAKE_INSTALL_DATADIR}/pkgconfig CACHE STRING
    "Where the file for pkg-config is installed, below the prefix")
mark_as_advanced(CYCLOS_IMAGES_CMAKE_DIR CYCLOS_IMAGES_PKGCONFIG_DIR)
set(package_dir ${CYCLOS_IMAGES_CMAKE_DIR})
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

# The system libraries of the target, for pkg-config.
set(system_libraries "-pthread")
if(WIN32)
    string(APPEND system_libraries " -lws2_32 -lmswsock -lcrypt32")
endif()

# install_pkg_config(NAME DIRECTORY COMPONENT): from cmake/NAME.pc.in. The prefix is relative to the
# file, so that the installation can be moved.
function(install_pkg_config name directory component)
    file(RELATIVE_PATH prefix_from_pkg_config /${directory} /)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in ${generated_dir}/${name}.pc @ONLY)
    install(FILES ${generated_dir}/${name}.pc DESTINATION ${directory} COMPONENT ${component})
endfunction()
install_pkg_config(cyclos-images ${CYCLOS_IMAGES_PKGCONFIG_DIR} development)

# install_licence(PACKAGE COMPONENT): in the folder of the Debian package of the component.
function(install_licence package component)
    install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
        DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} RENAME copyright
        COMPONENT ${component}
    )
endfunction()
install_licence(libcyclos-images-dev development)

if(CYCLOS_IMAGES_INSTALL_SANDBOX)
    include(${CMAKE_CURRENT_LIST_DIR}/install_sandbox.cmake)
endif()

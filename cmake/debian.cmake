#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Debian packages by `cpack -G DEB`: libcyclos-images-dev, and if they are
# installed too, libcyclos-images-sandbox-dev with the embedded server and
# cyclos-images with the tool. packaging/debian/build.sh builds all three.

set(CPACK_PACKAGE_NAME cyclos-images)
set(CPACK_PACKAGE_VENDOR "The cyclos-images authors")
# The publisher of packages sets the contact: cpack -D CPACK_PACKAGE_CONTACT=…
set(CPACK_PACKAGE_CONTACT "The cyclos-images authors <nobody@cyclos-images.invalid>")
# Each package has its own description.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB)

set(CPACK_COMPONENTS_ALL)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

if(CYCLOS_IMAGES_INSTALL)
    list(APPEND CPACK_COMPONENTS_ALL development)
    set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
        "asynchronous C++20 client library for the images of Cyclos\nHeaders, found by CMake and pkg-config.")
    set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libcyclos-images-dev)
    set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_ARCHITECTURE all)
    set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
    # The Boost that the package was built with, or the system's default one if that is recent
    # enough: on Debian 12 it is not.
    set(boost_version ${Boost_VERSION_MAJOR}.${Boost_VERSION_MINOR})
    set(boost_packages)
    foreach(library "" -json -url)
        list(APPEND boost_packages "libboost${library}${boost_version}-dev | libboost${library}-dev (>= 1.81)")
    endforeach()
    list(JOIN boost_packages ", " boost_packages)
    set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${boost_packages}, libssl-dev (>= 3)")
endif()

if(CYCLOS_IMAGES_INSTALL AND CYCLOS_IMAGES_INSTALL_SANDBOX)
    list(APPEND CPACK_COMPONENTS_ALL sandbox)
    set(CPACK_COMPONENT_SANDBOX_DESCRIPTION
        "embedded server of cyclos-images\nA stand-in for Cyclos, to be linked into the tests of services.")
    set(CPACK_DEBIAN_SANDBOX_PACKAGE_NAME libcyclos-images-sandbox-dev)
    set(CPACK_DEBIAN_SANDBOX_PACKAGE_SECTION libdevel)
    set(CPACK_DEBIAN_SANDBOX_PACKAGE_DEPENDS "libcyclos-images-dev (= ${PROJECT_VERSION})")
endif()

if(CYCLOS_IMAGES_INSTALL_TOOL)
    list(APPEND CPACK_COMPONENTS_ALL tool)
    set(CPACK_COMPONENT_TOOL_DESCRIPTION
        "images of Cyclos on the command line\nAll image operations, and an embedded server to try them out.")
    set(CPACK_DEBIAN_TOOL_PACKAGE_NAME cyclos-images)
    set(CPACK_DEBIAN_TOOL_PACKAGE_SECTION net)
    set(CPACK_DEBIAN_TOOL_PACKAGE_SHLIBDEPS ON)
    set(CPACK_DEBIAN_TOOL_PACKAGE_RECOMMENDS ca-certificates)
endif()

include(CPack)

#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Runs the port with stand-ins for vcpkg, and uses the installed files.

# The policies that vcpkg sets for portfiles.
cmake_minimum_required(VERSION 3.25)

include(${CMAKE_CURRENT_LIST_DIR}/../support.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/stand_ins.cmake)

set(PORT cyclos-images)
set(FEATURES core)
set(CURRENT_PORT_DIR ${LIBRARY_SOURCE_DIR}/packaging/vcpkg/ports/cyclos-images)
set(CURRENT_BUILDTREES_DIR ${WORK_DIR}/buildtrees)
set(CURRENT_PACKAGES_DIR ${WORK_DIR}/library)
include(${CURRENT_PORT_DIR}/portfile.cmake)

# Installations that vcpkg rejects, or reports as an error.
foreach(file include/cyclos/images.hpp share/cyclos-images/copyright share/cyclos-images/usage)
    if(NOT EXISTS ${CURRENT_PACKAGES_DIR}/${file})
        message(FATAL_ERROR "The port installs no ${file}")
    endif()
endforeach()
file(GLOB folders RELATIVE ${CURRENT_PACKAGES_DIR} ${CURRENT_PACKAGES_DIR}/* ${CURRENT_PACKAGES_DIR}/share/*)
if(NOT folders STREQUAL "include;lib;share;share/cyclos-images")
    message(FATAL_ERROR "The port installs other folders than it should: ${folders}")
endif()
file(GLOB_RECURSE files ${CURRENT_PACKAGES_DIR}/lib/* ${CURRENT_PACKAGES_DIR}/share/*)
foreach(file IN LISTS files)
    file(READ ${file} text)
    foreach(folder ${LIBRARY_SOURCE_DIR} ${WORK_DIR})
        string(FIND "${text}" ${folder} place)
        if(NOT place EQUAL -1)
            message(FATAL_ERROR "${file} names a folder of the machine that it was made on")
        endif()
    endforeach()
endforeach()

build_consumer(${CMAKE_CURRENT_LIST_DIR}/../install
    -D CMAKE_PREFIX_PATH=${CURRENT_PACKAGES_DIR} -D CYCLOS_IMAGES_VERSION=${LIBRARY_VERSION})
run(${RUN_AGAINST_SERVER} ${WORK_DIR}/build/consumer)

#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The library as part of other projects. Each consumer is a project of its own
# that builds the first example of the README, or the program in its folder, and
# runs it against the embedded server.

include(${CMAKE_CURRENT_LIST_DIR}/first_example.cmake)

set(work_dir ${CMAKE_CURRENT_BINARY_DIR}/consumers)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/README.md)
write_first_example(${PROJECT_SOURCE_DIR}/README.md ${work_dir}/first_example.cpp)

add_executable(run_against_server
    consumers/run_against_server.cpp integration/support/child_process.cpp integration/support/launch.cpp)
target_link_libraries(run_against_server PRIVATE cyclos::sandbox)
target_include_directories(run_against_server PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})

set(launcher)
if(CCACHE)
    # Most consumers differ only in how they find the library. It has the same relative path from
    # their folders, so that ccache compiles it only for the first of them.
    set(launcher CMAKE_CXX_COMPILER_LAUNCHER=${CCACHE} CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1)
endif()

function(add_consumer kind)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "AFTER" "DEFINE")
    list(TRANSFORM arg_DEFINE PREPEND -D)
    add_test(NAME consumers/${kind} COMMAND ${CMAKE_COMMAND}
        -D LIBRARY_SOURCE_DIR=${PROJECT_SOURCE_DIR}
        -D LIBRARY_BINARY_DIR=${PROJECT_BINARY_DIR}
        -D LIBRARY_VERSION=${PROJECT_VERSION}
        -D FIRST_EXAMPLE=${work_dir}/first_example.cpp
        -D RUN_AGAINST_SERVER=$<TARGET_FILE:run_against_server>
        -D WORK_DIR=${work_dir}/${kind}
        -D GENERATOR=${CMAKE_GENERATOR}
        -D CXX_COMPILER=${CMAKE_CXX_COMPILER}
        ${arg_DEFINE}
        -P ${CMAKE_CURRENT_SOURCE_DIR}/consumers/${kind}/test.cmake
    )
    set_tests_properties(consumers/${kind} PROPERTIES LABELS consumers TIMEOUT 600 ENVIRONMENT "${launcher}")
    if(arg_AFTER)
        set_tests_properties(consumers/${kind} PROPERTIES DEPENDS consumers/${arg_AFTER})
    endif()
endfunction()

add_consumer(subdirectory)
add_consumer(fetch_content AFTER subdirectory)
add_consumer(install)
add_consumer(vcpkg AFTER install)
add_consumer(conan AFTER install)
add_consumer(shared_library)
add_consumer(pkg_config)
if(CYCLOS_IMAGES_INSTALL AND CYCLOS_IMAGES_INSTALL_SANDBOX)
    add_consumer(sandbox)
endif()
if(CYCLOS_IMAGES_INSTALL_TOOL)
    add_consumer(tool)
endif()

# The package managers themselves, if installed. They compile the embedded server and the tool
# again.
find_program(CONAN conan)
if(CONAN)
    find_package(CLI11 REQUIRED)
    add_consumer(conan_client AFTER conan DEFINE
        CONAN=${CONAN}
        BOOST_VERSION=${Boost_VERSION}
        CLI11_VERSION=${CLI11_VERSION}
        OPENSSL_VERSION=${OPENSSL_VERSION}
        STB_INCLUDE_DIR=${CYCLOS_SANDBOX_STB_INCLUDE_DIR}
    )
    set_tests_properties(consumers/conan_client PROPERTIES TIMEOUT 1800)
endif()
find_program(VCPKG vcpkg HINTS ENV VCPKG_ROOT)
if(VCPKG)
    file(REAL_PATH ${VCPKG} vcpkg_root)
    cmake_path(GET vcpkg_root PARENT_PATH vcpkg_root)
    add_consumer(vcpkg_client AFTER vcpkg DEFINE VCPKG=${VCPKG} VCPKG_ROOT=${vcpkg_root})
    set_tests_properties(consumers/vcpkg_client PROPERTIES TIMEOUT 1800)
endif()

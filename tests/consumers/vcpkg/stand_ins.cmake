#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The functions of vcpkg that the portfile calls, as far as it needs them: for
# the release build only, and without features, so that only headers are
# installed.

cmake_minimum_required(VERSION 3.25)

# vcpkg_check_features(OUT_FEATURE_OPTIONS VARIABLE FEATURES [FEATURE OPTION]...)
function(vcpkg_check_features)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "OUT_FEATURE_OPTIONS" "FEATURES")
    set(options)
    while(arg_FEATURES)
        list(POP_FRONT arg_FEATURES feature option)
        if(feature IN_LIST FEATURES)
            list(APPEND options -D${option}=ON)
        else()
            list(APPEND options -D${option}=OFF)
        endif()
    endwhile()
    set(${arg_OUT_FEATURE_OPTIONS} ${options} PARENT_SCOPE)
endfunction()

function(vcpkg_cmake_configure)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "SOURCE_PATH" "OPTIONS;OPTIONS_DEBUG")
    run(${CMAKE_COMMAND} -S ${arg_SOURCE_PATH} -B ${CURRENT_BUILDTREES_DIR} -G ${GENERATOR}
        -D CMAKE_BUILD_TYPE=Release
        -D CMAKE_CXX_COMPILER=${CXX_COMPILER}
        -D CMAKE_INSTALL_PREFIX=${CURRENT_PACKAGES_DIR}
        ${arg_OPTIONS}
    )
endfunction()

function(vcpkg_cmake_install)
    run(${CMAKE_COMMAND} --build ${CURRENT_BUILDTREES_DIR} --target install)
endfunction()

# vcpkg's function also corrects absolute paths: here there must be none.
function(vcpkg_cmake_config_fixup)
    if(NOT EXISTS ${CURRENT_PACKAGES_DIR}/share/${PORT}/${PORT}-config.cmake)
        message(FATAL_ERROR "The CMake package is not in share/${PORT}, which vcpkg searches")
    endif()
endfunction()

function(vcpkg_fixup_pkgconfig)
    file(GLOB_RECURSE files RELATIVE ${CURRENT_PACKAGES_DIR} ${CURRENT_PACKAGES_DIR}/*.pc)
    if(NOT files STREQUAL "lib/pkgconfig/${PORT}.pc")
        message(FATAL_ERROR "Files for pkg-config are in the wrong folder: ${files}")
    endif()
endfunction()

function(vcpkg_install_copyright)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "FILE_LIST")
    file(INSTALL ${arg_FILE_LIST} DESTINATION ${CURRENT_PACKAGES_DIR}/share/${PORT} RENAME copyright)
endfunction()

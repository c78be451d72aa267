#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Functions for the test.cmake of each consumer. consumers.cmake lists the
# variables that they need.

function(run)
    execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# install_library(PREFIX COMPONENT...)
function(install_library prefix)
    foreach(component IN LISTS ARGN)
        run(${CMAKE_COMMAND} --install ${LIBRARY_BINARY_DIR} --prefix ${prefix} --component ${component})
    endforeach()
endfunction()

# build_consumer(FOLDER [OPTION...]): configures and builds a project in WORK_DIR/build.
function(build_consumer folder)
    run(${CMAKE_COMMAND} --no-warn-unused-cli -S ${folder} -B ${WORK_DIR}/build -G ${GENERATOR}
        -D CMAKE_CXX_COMPILER=${CXX_COMPILER}
        -D FIRST_EXAMPLE=${FIRST_EXAMPLE}
        ${ARGN}
    )
    run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
endfunction()

# ask_pkg_config(VARIABLE PACKAGE OPTION...): sets VARIABLE to the list that pkg-config prints.
function(ask_pkg_config variable package)
    execute_process(COMMAND pkg-config ${ARGN} ${package}
        OUTPUT_VARIABLE output OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    separate_arguments(output UNIX_COMMAND "${output}")
    set(${variable} ${output} PARENT_SCOPE)
endfunction()

# An interrupted run leaves nothing for the next one.
file(REMOVE_RECURSE ${WORK_DIR})
file(MAKE_DIRECTORY ${WORK_DIR})

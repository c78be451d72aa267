#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The library as others take it in: each consumer is configured, built and run
# as a project of its own.

foreach(kind install subdirectory)
    add_test(NAME consumers/${kind} COMMAND ${CMAKE_COMMAND}
        -D CONSUMER=${CMAKE_CURRENT_LIST_DIR}/${kind}
        -D LIBRARY_SOURCE_DIR=${PROJECT_SOURCE_DIR}
        -D LIBRARY_VERSION=${PROJECT_VERSION}
        -D LIBRARY_BINARY_DIR=${PROJECT_BINARY_DIR}
        -D WORK_DIR=${CMAKE_CURRENT_BINARY_DIR}/consumers/${kind}
        -D GENERATOR=${CMAKE_GENERATOR}
        -D CXX_COMPILER=${CMAKE_CXX_COMPILER}
        -P ${CMAKE_CURRENT_LIST_DIR}/run.cmake
    )
    set_tests_properties(consumers/${kind} PROPERTIES LABELS consumers TIMEOUT 600)
    if(CCACHE)
        set_tests_properties(consumers/${kind} PROPERTIES ENVIRONMENT CMAKE_CXX_COMPILER_LAUNCHER=${CCACHE})
    endif()
endforeach()

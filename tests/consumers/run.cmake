#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Configures, builds, runs and installs one consumer of the library.

function(run)
    execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(library_prefix ${WORK_DIR}/library)
set(consumer_prefix ${WORK_DIR}/consumer)
file(REMOVE_RECURSE ${library_prefix} ${consumer_prefix} ${WORK_DIR}/build)

run(${CMAKE_COMMAND} --install ${LIBRARY_BINARY_DIR} --prefix ${library_prefix})
run(${CMAKE_COMMAND} -S ${CONSUMER} -B ${WORK_DIR}/build -G ${GENERATOR}
    -D CMAKE_CXX_COMPILER=${CXX_COMPILER}
    -D CMAKE_PREFIX_PATH=${library_prefix}
    -D CYCLOS_IMAGES_VERSION=${LIBRARY_VERSION}
    -D CYCLOS_IMAGES_SOURCE_DIR=${LIBRARY_SOURCE_DIR}
)
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)
run(${WORK_DIR}/build/consumer)

# What a project installs is its own affair: the library adds nothing to it.
run(${CMAKE_COMMAND} --install ${WORK_DIR}/build --prefix ${consumer_prefix})
file(GLOB_RECURSE installed RELATIVE ${consumer_prefix} ${consumer_prefix}/*)
if(NOT installed STREQUAL "bin/consumer")
    message(FATAL_ERROR "The consumer installed other files than its own: ${installed}")
endif()

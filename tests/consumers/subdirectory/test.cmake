#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

include(${CMAKE_CURRENT_LIST_DIR}/../support.cmake)

build_consumer(${CMAKE_CURRENT_LIST_DIR} -D CYCLOS_IMAGES_SOURCE_DIR=${LIBRARY_SOURCE_DIR})
run(${RUN_AGAINST_SERVER} ${WORK_DIR}/build/consumer)

# The library adds nothing to the installation of a project.
run(${CMAKE_COMMAND} --install ${WORK_DIR}/build --prefix ${WORK_DIR}/prefix)
file(GLOB_RECURSE installed RELATIVE ${WORK_DIR}/prefix ${WORK_DIR}/prefix/*)
if(NOT installed STREQUAL "bin/consumer")
    message(FATAL_ERROR "The consumer installed other files than its own: ${installed}")
endif()

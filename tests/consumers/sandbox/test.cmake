#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The component with the embedded server, for the tests of a service.

include(${CMAKE_CURRENT_LIST_DIR}/../support.cmake)

install_library(${WORK_DIR}/before development sandbox)
file(RENAME ${WORK_DIR}/before ${WORK_DIR}/library)
build_consumer(${CMAKE_CURRENT_LIST_DIR} -D CMAKE_PREFIX_PATH=${WORK_DIR}/library)
run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK_DIR}/build --output-on-failure --no-tests=error)

# A compiler and the flags of pkg-config, without CMake and without the library.
file(GLOB_RECURSE pc_file ${WORK_DIR}/library/*/cyclos-images-sandbox.pc)
cmake_path(GET pc_file PARENT_PATH pc_dir)
set(ENV{PKG_CONFIG_PATH} ${pc_dir})
ask_pkg_config(version cyclos-images-sandbox --modversion)
if(NOT version STREQUAL LIBRARY_VERSION)
    message(FATAL_ERROR "pkg-config reports version ${version}")
endif()
ask_pkg_config(flags cyclos-images-sandbox --cflags --libs)
run(${CXX_COMPILER} -std=c++20 ${CMAKE_CURRENT_LIST_DIR}/serve.cpp -o ${WORK_DIR}/serve ${flags})
run(${WORK_DIR}/serve)

#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# A compiler and the flags of pkg-config, without CMake.

include(${CMAKE_CURRENT_LIST_DIR}/../support.cmake)

# Moved, to show that the paths are relative to the file.
install_library(${WORK_DIR}/before development)
file(RENAME ${WORK_DIR}/before ${WORK_DIR}/library)
set(ENV{PKG_CONFIG_PATH} ${WORK_DIR}/library/share/pkgconfig)

ask_pkg_config(version cyclos-images --modversion)
if(NOT version STREQUAL LIBRARY_VERSION)
    message(FATAL_ERROR "pkg-config reports version ${version}")
endif()
ask_pkg_config(compile_flags cyclos-images --cflags)
ask_pkg_config(link_flags cyclos-images --libs)
run($ENV{CMAKE_CXX_COMPILER_LAUNCHER} ${CXX_COMPILER} -std=c++20 ${compile_flags}
    -c ${FIRST_EXAMPLE} -o ${WORK_DIR}/consumer.o)
run(${CXX_COMPILER} ${WORK_DIR}/consumer.o -o ${WORK_DIR}/consumer ${link_flags})
run(${RUN_AGAINST_SERVER} ${WORK_DIR}/consumer)

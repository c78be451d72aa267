#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The recipe and its test, run with a stand-in for Conan.

include(${CMAKE_CURRENT_LIST_DIR}/../support.cmake)

set(ENV{GENERATOR} ${GENERATOR})
set(ENV{CXX_COMPILER} ${CXX_COMPILER})
run(python3 -B ${CMAKE_CURRENT_LIST_DIR}/create.py ${LIBRARY_SOURCE_DIR} ${LIBRARY_VERSION} ${WORK_DIR})

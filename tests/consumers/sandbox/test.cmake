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

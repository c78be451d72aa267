#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

include(${CMAKE_CURRENT_LIST_DIR}/../support.cmake)

install_library(${WORK_DIR}/library development)
build_consumer(${CMAKE_CURRENT_LIST_DIR} -D CMAKE_PREFIX_PATH=${WORK_DIR}/library)
run(${RUN_AGAINST_SERVER} ${WORK_DIR}/build/consumer)

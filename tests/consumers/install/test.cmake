#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# cmake --install and find_package, without the component of the embedded server.

include(${CMAKE_CURRENT_LIST_DIR}/../support.cmake)

# Found where it was moved to, too.
install_library(${WORK_DIR}/before development)
file(RENAME ${WORK_DIR}/before ${WORK_DIR}/library)
build_consumer(${CMAKE_CURRENT_LIST_DIR}
    -D CMAKE_PREFIX_PATH=${WORK_DIR}/library -D CYCLOS_IMAGES_VERSION=${LIBRARY_VERSION})
run(${RUN_AGAINST_SERVER} ${WORK_DIR}/build/consumer)

#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Two commands, cmake and cmake --install, without any option of the project:
# they need only Boost and OpenSSL, and compile nothing. Then find_package,
# without the component of the embedded server.

include(${CMAKE_CURRENT_LIST_DIR}/../support.cmake)

# Other dependencies must not be searched, so it does not matter that this
# machine has them.
set(without)
foreach(package CLI11 doctest CURL benchmark spdlog)
    list(APPEND without -D CMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
endforeach()
run(${CMAKE_COMMAND} --no-warn-unused-cli -S ${LIBRARY_SOURCE_DIR} -B ${WORK_DIR}/library_build -G ${GENERATOR}
    -D CMAKE_CXX_COMPILER=${CXX_COMPILER} ${without})
run(${CMAKE_COMMAND} --install ${WORK_DIR}/library_build --prefix ${WORK_DIR}/before)

# The usual build command must have nothing to build.
run(${CMAKE_COMMAND} --build ${WORK_DIR}/library_build)
file(GLOB_RECURSE made ${WORK_DIR}/library_build/*.o ${WORK_DIR}/library_build/*.a)
list(FILTER made EXCLUDE REGEX "/CMakeFiles/[0-9.]+/|/CMakeFiles/CMakeScratch/|/CMakeFiles/CMakeTmp/")
if(made)
    message(FATAL_ERROR "The library alone was compiled: ${made}")
endif()
file(GLOB_RECURSE installed RELATIVE ${WORK_DIR}/before ${WORK_DIR}/before/*)
list(FILTER installed EXCLUDE REGEX
    "^include/cyclos/|^share/cmake/cyclos-images/|^share/pkgconfig/|^share/doc/libcyclos-images-dev/copyright$")
if(installed)
    message(FATAL_ERROR "Other files than the library were installed: ${installed}")
endif()
if(EXISTS ${WORK_DIR}/before/include/cyclos/sandbox)
    message(FATAL_ERROR "The embedded server was installed although it was not requested")
endif()

# It is found after the installation is moved, too.
file(RENAME ${WORK_DIR}/before ${WORK_DIR}/library)
build_consumer(${CMAKE_CURRENT_LIST_DIR}
    -D CMAKE_PREFIX_PATH=${WORK_DIR}/library -D CYCLOS_IMAGES_VERSION=${LIBRARY_VERSION})
run(${RUN_AGAINST_SERVER} ${WORK_DIR}/build/consumer)

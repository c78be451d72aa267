#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The commands of the guide with Conan itself, which is not on every machine:
# header-only packages with the profile that Conan detects, and packages of
# everything. Dependencies are the libraries of the system, as recipes in
# index/.

include(${CMAKE_CURRENT_LIST_DIR}/../support.cmake)

set(ENV{CONAN_HOME} ${WORK_DIR}/home)
set(ENV{CXX} ${CXX_COMPILER})
set(ENV{STB_INCLUDE_DIR} ${STB_INCLUDE_DIR})
file(WRITE ${WORK_DIR}/home/global.conf "tools.cmake.cmaketoolchain:generator=${GENERATOR}\n")
run(${CONAN} profile detect)
run(${CONAN} remote disable *)
foreach(reference boost/${BOOST_VERSION} openssl/${OPENSSL_VERSION} stb/cci.20240213 cli11/${CLI11_VERSION})
    string(REGEX MATCH "^([a-z0-9]+)/(.*)$" matched ${reference})
    run(${CONAN} export ${CMAKE_CURRENT_LIST_DIR}/index/${CMAKE_MATCH_1} --version ${CMAKE_MATCH_2})
endforeach()

# Only files that git ignores are left in the checkout.
function(list_untracked variable)
    execute_process(COMMAND git -C ${LIBRARY_SOURCE_DIR} ls-files --others --exclude-standard
        OUTPUT_VARIABLE files COMMAND_ERROR_IS_FATAL ANY)
    set(${variable} "${files}" PARENT_SCOPE)
endfunction()

list_untracked(before)
run(${CONAN} create ${LIBRARY_SOURCE_DIR} --build=missing)
list_untracked(after)
if(NOT after STREQUAL before)
    message(FATAL_ERROR "The test of the package leaves files in the checkout:\n${after}")
endif()

# The program of the first test is not compiled again.
run(${CONAN} create ${LIBRARY_SOURCE_DIR} --build=missing -s compiler.cppstd=20
    -o "&:sandbox=True" -o "&:tool=True" --test-folder=)

set(package cyclos-images/${LIBRARY_VERSION})
run(${CONAN} install --requires=${package} -o "${package}:sandbox=True" -o "${package}:tool=True"
    -s compiler.cppstd=20 -g CMakeDeps -g CMakeToolchain -g PkgConfigDeps
    --output-folder=${WORK_DIR}/generated)
build_consumer(${CMAKE_CURRENT_LIST_DIR}/../sandbox
    -D CMAKE_TOOLCHAIN_FILE=${WORK_DIR}/generated/conan_toolchain.cmake -D CMAKE_BUILD_TYPE=Release)
run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK_DIR}/build --output-on-failure --no-tests=error)

set(ENV{PKG_CONFIG_PATH} ${WORK_DIR}/generated)
ask_pkg_config(flags cyclos-images-sandbox --cflags --libs)
run(${CXX_COMPILER} -std=c++20 ${CMAKE_CURRENT_LIST_DIR}/../sandbox/serve.cpp -o ${WORK_DIR}/serve ${flags})
run(${WORK_DIR}/serve)

# The tool belongs to the build context.
run(${CONAN} install --tool-requires=${package} -o:b "${package}:sandbox=True" -o:b "${package}:tool=True"
    -s:b compiler.cppstd=20 -g VirtualBuildEnv --output-folder=${WORK_DIR}/tool)
execute_process(COMMAND sh -c ". ${WORK_DIR}/tool/conanbuild.sh && cyclos-images --version"
    OUTPUT_VARIABLE version COMMAND_ERROR_IS_FATAL ANY)
if(NOT version MATCHES "${LIBRARY_VERSION}")
    message(FATAL_ERROR "The tool in the package has another version: ${version}")
endif()

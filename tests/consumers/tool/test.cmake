#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The command-line tool as a component: its installed files, and that installing
# it alone builds only the tool.

include(${CMAKE_CURRENT_LIST_DIR}/../support.cmake)

install_library(${WORK_DIR}/prefix tool)
file(GLOB_RECURSE installed RELATIVE ${WORK_DIR}/prefix ${WORK_DIR}/prefix/*)
set(expected
    bin/cyclos-images
    share/bash-completion/completions/cyclos-images
    share/doc/cyclos-images/copyright
    share/fish/vendor_completions.d/cyclos-images.fish
    share/man/man1/cyclos-images.1
    share/zsh/vendor-completions/_cyclos-images
)
if(NOT installed STREQUAL expected)
    message(FATAL_ERROR "Other files than those of the tool are installed: ${installed}")
endif()
foreach(file IN LISTS installed)
    file(SIZE ${WORK_DIR}/prefix/${file} size)
    if(size EQUAL 0)
        message(FATAL_ERROR "${file} is empty")
    endif()
endforeach()
execute_process(COMMAND ${WORK_DIR}/prefix/bin/cyclos-images --version
    OUTPUT_VARIABLE version COMMAND_ERROR_IS_FATAL ANY)
if(NOT version MATCHES "${LIBRARY_VERSION}")
    message(FATAL_ERROR "The tool reports version ${version}")
endif()

# The programs of the build, without building them.
set(without)
foreach(package doctest CURL benchmark spdlog)
    list(APPEND without -D CMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
endforeach()
run(${CMAKE_COMMAND} --no-warn-unused-cli -S ${LIBRARY_SOURCE_DIR} -B ${WORK_DIR}/build -G ${GENERATOR}
    -D CMAKE_CXX_COMPILER=${CXX_COMPILER} -D CYCLOS_IMAGES_INSTALL_TOOL=ON ${without})
execute_process(COMMAND ${CMAKE_COMMAND} --build ${WORK_DIR}/build --target help
    OUTPUT_VARIABLE targets COMMAND_ERROR_IS_FATAL ANY)
if(NOT targets MATCHES "cyclos-images: phony|[.][.][.] cyclos-images\n")
    message(FATAL_ERROR "There is no target for the tool:\n${targets}")
endif()
file(GLOB others RELATIVE ${LIBRARY_SOURCE_DIR}/examples ${LIBRARY_SOURCE_DIR}/examples/*.cpp)
foreach(other IN LISTS others)
    cmake_path(GET other STEM name)
    if(targets MATCHES "[^a-z_]${name}(:|\n)")
        message(FATAL_ERROR "Only the tool is requested, and ${name} is built:\n${targets}")
    endif()
endforeach()

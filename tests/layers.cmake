#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Checks the layers of the library: a header includes only headers of its own
# layer or of a lower one. Called with -D ROOT=the root of the checkout
# -D WORK_DIR=a directory of its own.

cmake_minimum_required(VERSION 3.25)

# From the lowest layer to the highest. The vocabulary is all public headers
# except those of the API, and the files directly in detail/.
set(layers vocabulary detail/base detail/net detail/http detail/client detail/api api)
set(headers_of_api client.hpp images.hpp images_api.hpp image_content.hpp src.hpp transfer_all.hpp)

# layer_of(file variable): sets the variable to the number of the layer of a file in include/cyclos.
function(layer_of file result)
    set(layer vocabulary)
    if(file MATCHES "^(detail/[a-z]+)/")
        set(layer ${CMAKE_MATCH_1})
    endif()
    if(layer STREQUAL "detail/impl" OR file IN_LIST headers_of_api)
        set(layer api) # the definitions of the public headers may use all of the library
    endif()
    list(FIND layers ${layer} number)
    if(number EQUAL -1)
        message(SEND_ERROR "${file} is in no layer: the layers are ${layers}")
    endif()
    set(${result} ${number} PARENT_SCOPE)
endfunction()

# check_layers(directory variable): sets the variable to the includes of higher layers.
function(check_layers directory result)
    set(upward)
    file(GLOB_RECURSE files RELATIVE ${directory} ${directory}/*.hpp ${directory}/*.ipp)
    foreach(file IN LISTS files)
        layer_of(${file} own)
        file(STRINGS ${directory}/${file} includes REGEX "^#include <cyclos/.*\\.hpp>")
        foreach(include IN LISTS includes)
            string(REGEX REPLACE "^#include <cyclos/(.*)>.*" "\\1" included "${include}")
            layer_of(${included} other)
            if(other GREATER own)
                list(APPEND upward "${file} includes ${included}")
            endif()
        endforeach()
    endforeach()
    set(${result} "${upward}" PARENT_SCOPE)
endfunction()

check_layers(${ROOT}/include/cyclos upward)
foreach(problem IN LISTS upward)
    message(SEND_ERROR "${problem}, which is in a higher layer")
endforeach()

# The check itself is tested with planted includes.
file(REMOVE_RECURSE ${WORK_DIR})
file(WRITE ${WORK_DIR}/detail/net/pool.hpp "#include <cyclos/detail/http/attempt.hpp>\n#include <cyclos/error.hpp>\n")
file(WRITE ${WORK_DIR}/error.hpp "#include <cyclos/client.hpp>\n#include <cyclos/detail/config.hpp>\n")
check_layers(${WORK_DIR} planted)
if(NOT planted STREQUAL "detail/net/pool.hpp includes detail/http/attempt.hpp;error.hpp includes client.hpp")
    message(SEND_ERROR "the planted includes were reported as: ${planted}")
endif()

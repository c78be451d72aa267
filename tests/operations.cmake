#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Checks that each operation of the library is tested and documented, and is a
# command of the tool: the list "To add an operation" in CONTRIBUTING.md.
# Called with -D ROOT=the root of the checkout.

cmake_minimum_required(VERSION 3.25)

file(READ ${ROOT}/include/cyclos/detail/impl/images_api.ipp library)
file(READ ${ROOT}/tests/integration/requests.cpp requests)
file(READ ${ROOT}/tests/integration/operations.cpp results)
file(READ ${ROOT}/examples/cyclos-images/commands.cpp commands)
file(READ ${ROOT}/examples/cyclos-images/operations.cpp calls)
file(READ ${ROOT}/docs/operations.md page)

# require(variable text file): fails unless the variable, the content of the file, contains the text.
function(require content text file)
    string(FIND "${${content}}" "${text}" position)
    if(position EQUAL -1)
        message(SEND_ERROR "${file} does not contain: ${text}")
    endif()
endfunction()

string(REGEX MATCHALL "operation_builder b{\\*state_, context_, \"[a-z0-9_]+\"" operations "${library}")
list(LENGTH operations count)
if(count LESS 17)
    message(FATAL_ERROR "images_api.ipp has ${count} operations only: are they written in another form now?")
endif()
foreach(operation IN LISTS operations)
    string(REGEX REPLACE ".*\"([a-z0-9_]+)\"" "\\1" name "${operation}")
    string(REPLACE "_" "-" command "${name}")
    require(requests "{\"${name}\"," tests/integration/requests.cpp)
    require(results "images.${name}(" tests/integration/operations.cpp)
    require(commands "define(\"${command}\"," examples/cyclos-images/commands.cpp)
    require(calls "{\"${command}\", ${name}}" examples/cyclos-images/operations.cpp)
    require(page "| `${name}`" docs/operations.md)
endforeach()
message("${count} operations are tested and documented.")

#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The version stands in include/cyclos/version.hpp, where CMake and Conan read
# it. vcpkg's files have to name it themselves: here it is checked that they do.
# Called with -D ROOT=the root of the checkout -D VERSION=the version.

foreach(file vcpkg.json packaging/vcpkg/ports/cyclos-images/vcpkg.json)
    file(READ ${ROOT}/${file} manifest)
    string(JSON version GET "${manifest}" version)
    if(NOT version STREQUAL VERSION)
        message(SEND_ERROR "${file} says version ${version}, and include/cyclos/version.hpp ${VERSION}")
    endif()
    string(JSON dependencies_of_this GET "${manifest}" dependencies)
    foreach(name boost-asio boost-beast boost-json boost-url openssl)
        if(NOT dependencies_of_this MATCHES "\"${name}\"")
            message(SEND_ERROR "${file} does not name ${name}")
        endif()
    endforeach()
endforeach()

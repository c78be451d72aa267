#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The version is defined in include/cyclos/version.hpp, where CMake and Conan
# read it. CHANGELOG.md and the manifests of vcpkg repeat it: this checks that
# they agree. Called with -D ROOT=the root of the checkout -D VERSION=the version.

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

# The newest section is that of this version, and only that one may have no date yet.
file(STRINGS ${ROOT}/CHANGELOG.md sections REGEX "^## ")
list(POP_FRONT sections newest)
if(NOT newest MATCHES "^## \\[([0-9.]+)\\] - (unreleased|20[0-9][0-9]-[01][0-9]-[0-3][0-9])$")
    message(SEND_ERROR "CHANGELOG.md begins with the section \"${newest}\", which is no version")
elseif(NOT CMAKE_MATCH_1 STREQUAL VERSION)
    message(SEND_ERROR "CHANGELOG.md begins with ${CMAKE_MATCH_1}, and include/cyclos/version.hpp says ${VERSION}")
endif()
set(later ${VERSION})
foreach(section IN LISTS sections)
    if(NOT section MATCHES "^## \\[([0-9.]+)\\] - 20[0-9][0-9]-[01][0-9]-[0-3][0-9]$")
        message(SEND_ERROR "CHANGELOG.md: \"${section}\" is not a version with the date of its release")
    elseif(NOT CMAKE_MATCH_1 VERSION_LESS later)
        message(SEND_ERROR "CHANGELOG.md: ${CMAKE_MATCH_1} is below ${later}, and not older")
    else()
        set(later ${CMAKE_MATCH_1})
    endif()
endforeach()

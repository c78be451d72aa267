#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The version is defined in include/cyclos/version.hpp, where CMake and Conan
# read it, and the homepage in CMakeLists.txt. CHANGELOG.md, the vcpkg manifests
# and the Conan recipe repeat what they cannot read: this checks that they
# agree. Called with -D ROOT=the root of the checkout -D VERSION=the version

# The libraries of Boost that the headers include.
file(GLOB_RECURSE headers ${ROOT}/include/*.hpp ${ROOT}/include/*.ipp)
set(libraries openssl)
foreach(header IN LISTS headers)
    file(STRINGS ${header} includes REGEX "^#include <boost/")
    foreach(line IN LISTS includes)
        string(REGEX REPLACE "^#include <boost/([a-z0-9_]+).*$" "boost-\\1" library "${line}")
        # That header is part of Boost.Config.
        string(REGEX REPLACE "^boost-version$" "boost-config" library ${library})
        string(REPLACE "_" "-" library ${library})
        list(APPEND libraries ${library})
    endforeach()
endforeach()
list(REMOVE_DUPLICATES libraries)

foreach(file vcpkg.json packaging/vcpkg/ports/cyclos-images/vcpkg.json)
    file(READ ${ROOT}/${file} manifest)
    string(JSON version GET "${manifest}" version)
    if(NOT version STREQUAL VERSION)
        message(SEND_ERROR "${file} says version ${version}, and include/cyclos/version.hpp ${VERSION}")
    endif()
    string(JSON homepage GET "${manifest}" homepage)
    if(NOT homepage STREQUAL HOMEPAGE)
        message(SEND_ERROR "${file} says homepage ${homepage}, and CMakeLists.txt ${HOMEPAGE}")
    endif()
    string(JSON dependencies GET "${manifest}" dependencies)
    foreach(name IN LISTS libraries)
        if(NOT dependencies MATCHES "\"${name}\"")
            message(SEND_ERROR "${file} does not name ${name}")
        endif()
    endforeach()
endforeach()

file(READ ${ROOT}/conanfile.py recipe)
if(NOT recipe MATCHES "homepage = \"${HOMEPAGE}\"")
    message(SEND_ERROR "conanfile.py has another homepage than CMakeLists.txt: ${HOMEPAGE}")
endif()

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

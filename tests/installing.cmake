#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The installation guide documents exactly the options of the build, and the
# current version. Called with -D ROOT=the root of the checkout -D VERSION=the
# version

set(guide docs/guides/installing.md)
file(READ ${ROOT}/${guide} text)

file(STRINGS ${ROOT}/CMakeLists.txt lines REGEX "^option\\(CYCLOS_IMAGES_")
file(STRINGS ${ROOT}/cmake/install.cmake cache_lines REGEX "^set\\(CYCLOS_IMAGES_.* CACHE ")
set(options)
foreach(line IN LISTS lines cache_lines)
    string(REGEX MATCH "CYCLOS_IMAGES_[A-Z_]+" option "${line}")
    list(APPEND options ${option})
    string(REGEX MATCH "\n\\| `${option}` \\| [^\n]*" row "${text}")
    if(NOT row)
        message(SEND_ERROR "${guide} has no row for the option ${option}")
    elseif(line MATCHES " OFF\\)$" AND NOT row MATCHES "` \\| off \\|")
        message(SEND_ERROR "${guide} does not say that ${option} is off")
    endif()
endforeach()

string(REGEX MATCHALL "CYCLOS_IMAGES_[A-Z_]+" named "${text}")
list(REMOVE_DUPLICATES named)
list(REMOVE_ITEM named ${options})
if(named)
    message(SEND_ERROR "${guide} names options that do not exist: ${named}")
endif()

string(REGEX MATCH "^[0-9]+\\.[0-9]+" minor ${VERSION})
foreach(place "find_package(cyclos-images ${minor} " "cyclos-images/${VERSION}\n")
    string(FIND "${text}" "${place}" found)
    if(found EQUAL -1)
        message(SEND_ERROR "${guide} documents another version than ${VERSION}: ${place} is missing")
    endif()
endforeach()

#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Each promise of docs/reliability.md names the tests that show it: here it is
# checked that they exist. Called with -D ROOT=the root of the checkout.

file(READ ${ROOT}/docs/reliability.md page)
string(REGEX MATCHALL "`[a-z_]+/[a-z_]+\\.cpp: \"[^\"]+\"`" references "${page}")
list(LENGTH references count)
if(count LESS 40)
    message(FATAL_ERROR "docs/reliability.md names ${count} tests only: is it written in another form now?")
endif()
foreach(reference IN LISTS references)
    string(REGEX MATCH "`([^:]+): \"([^\"]+)\"`" ignored "${reference}")
    set(name "${CMAKE_MATCH_2}")
    file(READ ${ROOT}/tests/${CMAKE_MATCH_1} tests)
    # A name that is longer than a line stands on a line of its own, or in several literals.
    string(REGEX REPLACE "\"[ \n]+\"" "" tests "${tests}")
    string(REGEX REPLACE "TEST_CASE\\([ \n]+" "TEST_CASE(" tests "${tests}")
    string(FIND "${tests}" "TEST_CASE(\"${name}\")" place)
    if(place EQUAL -1)
        message(SEND_ERROR "docs/reliability.md names a test that does not exist: ${reference}")
    endif()
endforeach()
message("${count} tests are named, and exist.")

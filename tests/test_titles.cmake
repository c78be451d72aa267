#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Checks the titles of the tests: each has the form "subject: expectation" and is
# unique, as a line of a CI log has nothing but the title; and each test that
# docs/reliability.md names exists. Called with -D ROOT=the root of the checkout.

cmake_minimum_required(VERSION 3.22)

set(string "\"[^\"]+\"")
set(case "TEST_CASE(_TEMPLATE)?")

# read_titles(VARIABLE FILE): sets VARIABLE to the calls of TEST_CASE and TEST_CASE_TEMPLATE in a file, each with its
# title in one literal.
function(read_titles variable file)
    file(READ ${file} text)
    # Brackets and semicolons have a meaning in lists.
    string(REGEX REPLACE "[][;]" "" text "${text}")
    # A title that is longer than a line is on a line of its own, or in several literals.
    string(REGEX REPLACE "\"[ \n]+\"" "" text "${text}")
    string(REGEX REPLACE "${case}\\([ \n]+" "TEST_CASE(" text "${text}")
    string(REGEX MATCHALL "${case}\\(${string}" titles "${text}")
    list(TRANSFORM titles REPLACE "^[A-Z_]+\\(\"" "")
    list(TRANSFORM titles REPLACE "\"$" "")
    set(${variable} "${titles}" PARENT_SCOPE)
endfunction()

foreach(program unit integration)
    set(all)
    file(GLOB files ${ROOT}/tests/${program}/*.cpp)
    foreach(file IN LISTS files)
        read_titles(titles ${file})
        foreach(title IN LISTS titles)
            if(NOT title MATCHES "^[^:]+: .")
                message(SEND_ERROR "${file}: the title \"${title}\" does not have the form \"subject: expectation\"")
            endif()
            if(title IN_LIST all)
                message(SEND_ERROR "${file}: another test has the title \"${title}\"")
            endif()
            list(APPEND all "${title}")
        endforeach()
    endforeach()
    list(LENGTH all count)
    if(count LESS 300)
        message(FATAL_ERROR "Only ${count} titles were found in tests/${program}: are they written in another form now?")
    endif()
endforeach()

file(READ ${ROOT}/docs/reliability.md page)
string(REGEX MATCHALL "`[a-z_]+/[a-z_]+\\.cpp: ${string}`" references "${page}")
list(LENGTH references count)
if(count LESS 40)
    message(FATAL_ERROR "docs/reliability.md names only ${count} tests: are they written in another form now?")
endif()
foreach(reference IN LISTS references)
    string(REGEX MATCH "`([^:]+): \"([^\"]+)\"`" ignored "${reference}")
    set(title "${CMAKE_MATCH_2}")
    set(file ${ROOT}/tests/${CMAKE_MATCH_1})
    set(titles)
    if(EXISTS ${file})
        read_titles(titles ${file})
    endif()
    if(NOT title IN_LIST titles)
        message(SEND_ERROR "docs/reliability.md names a test that does not exist: ${reference}")
    endif()
endforeach()
message("${count} tests are named, and exist.")

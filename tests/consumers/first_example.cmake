#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Writes the first program of a page unchanged, except for the URL of the
# server, which has another port each time. Included, or run with -D
# MARKDOWN=the page -D OUTPUT=the file to write.

function(write_first_example markdown file)
    file(READ ${markdown} page)
    string(FIND "${page}" "```cpp\n" begin)
    math(EXPR begin "${begin} + 7")
    string(SUBSTRING "${page}" ${begin} -1 page)
    string(FIND "${page}" "```" end)
    string(SUBSTRING "${page}" 0 ${end} program)

    string(REPLACE "\"https://demo.example.org/api\"" "std::getenv(\"CYCLOS_URL\")" tried "${program}")
    if(tried STREQUAL program OR NOT tried MATCHES "int main\\(\\)")
        message(FATAL_ERROR "${markdown} does not begin with a program that talks to https://demo.example.org/api")
    endif()
    file(CONFIGURE OUTPUT ${file} CONTENT "${tried}" @ONLY)
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
    cmake_path(ABSOLUTE_PATH MARKDOWN)
    cmake_path(ABSOLUTE_PATH OUTPUT)
    write_first_example(${MARKDOWN} ${OUTPUT})
endif()

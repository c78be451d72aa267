#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Writes the first program of a page as it stands there, but for the server that
# it talks to: that is on another port each time.
function(write_first_example markdown file)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${markdown})
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

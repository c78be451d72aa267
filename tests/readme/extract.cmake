#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Takes the C++ code blocks out of Markdown files, to be compiled as they stand.
# A block is
#
# - a program, where it has a main function: compiled as it is;
# - definitions, where a brace opens on a line of its own, as the code style has
#   it for functions and classes only: compiled behind the prelude;
# - statements, otherwise: compiled as the body of a coroutine that has
#   `cyclos::client& client` and `cyclos::images_api& images`. The block may
#   declare both anew.
#
# Compiler messages name the file and line in the Markdown. There is no way to
# leave a block out: what is no C++ is not marked as C++.

# Writes one block and appends the file that it was written to.
function(write_cpp_block output_dir sources_variable markdown line code)
    cmake_path(GET markdown FILENAME markdown_name)
    set(position "#line ${line} \"${markdown_name}\"\n")
    if(code MATCHES "int main\\(")
        set(text "${position}${code}")
    elseif(code MATCHES "(^|\n){\n")
        set(text "#include \"prelude.hpp\"\n${position}${code}")
    else()
        string(CONCAT text "#include \"prelude.hpp\"\n\n"
            "[[maybe_unused]] static asio::awaitable<void> statements("
            "[[maybe_unused]] cyclos::client& client, [[maybe_unused]] cyclos::images_api& images)\n{\n{\n"
            "${position}${code}}\nco_return;\n}\n"
        )
    endif()

    set(file ${output_dir}/${markdown_name}.${line}.cpp)
    set(written "")
    if(EXISTS ${file})
        file(READ ${file} written)
    endif()
    if(NOT written STREQUAL text)
        file(WRITE ${file} "${text}")
    endif()
    set(${sources_variable} ${${sources_variable}} ${file} PARENT_SCOPE)
endfunction()

function(extract_cpp_blocks output_dir sources_variable)
    set(sources)
    foreach(markdown IN LISTS ARGN)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${markdown})
        file(READ ${markdown} rest)
        # So that a block at the very beginning is found as well.
        string(PREPEND rest "\n")
        set(line 0)
        while(TRUE)
            string(FIND "${rest}" "\n```cpp\n" begin)
            if(begin EQUAL -1)
                break()
            endif()
            math(EXPR begin "${begin} + 8")
            string(SUBSTRING "${rest}" 0 ${begin} before)
            string(SUBSTRING "${rest}" ${begin} -1 rest)
            string(FIND "${rest}" "\n```" end)
            if(end EQUAL -1)
                message(FATAL_ERROR "${markdown}: a code block has no end")
            endif()
            math(EXPR end "${end} + 1")
            string(SUBSTRING "${rest}" 0 ${end} code)
            # The line break before the closing mark stays, to be found as one before the next opening mark.
            math(EXPR end "${end} - 1")
            string(SUBSTRING "${rest}" ${end} -1 rest)

            count_lines(lines "${before}")
            math(EXPR line "${line} + ${lines}")
            write_cpp_block(${output_dir} sources ${markdown} ${line} "${code}")
            count_lines(lines "${code}")
            math(EXPR line "${line} + ${lines} - 1")
        endwhile()
    endforeach()
    set(${sources_variable} ${sources} PARENT_SCOPE)
endfunction()

function(count_lines variable text)
    string(REGEX REPLACE "[^\n]" "" breaks "${text}")
    string(LENGTH "${breaks}" length)
    set(${variable} ${length} PARENT_SCOPE)
endfunction()

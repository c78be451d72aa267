#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Takes the C++ code blocks out of Markdown files, to be compiled as they stand.
# A block is
#
# - a program, where it has a main function: a source file of its own;
# - definitions, where a brace opens on a line of its own, as the code style has
#   it for functions and classes only: in a namespace of its own;
# - statements, otherwise: the body of a coroutine in such a namespace that has
#   `cyclos::client& client` and `cyclos::images_api& images`. The block may
#   declare both anew.
#
# All blocks of a Markdown file that are not programs are one source file, after
# the prelude. Compiler messages name the file and line in the Markdown. Every
# C++ block is compiled: other text must not be marked as C++.

# Appends one block to the text of its file, or writes it as a program and
# appends that to the programs.
function(take_cpp_block output_dir text_variable programs_variable markdown line code)
    cmake_path(GET markdown FILENAME markdown_name)
    set(position "#line ${line} \"${markdown_name}\"\n")
    if(code MATCHES "int main\\(")
        set(file ${output_dir}/${markdown_name}.${line}.cpp)
        write_changed(${file} "${position}${code}")
        set(${programs_variable} ${${programs_variable}} ${file} PARENT_SCOPE)
        return()
    endif()

    if(code MATCHES "(^|\n){\n")
        string(PREPEND code "${position}")
    else()
        string(CONCAT code
            "[[maybe_unused]] static asio::awaitable<void> statements("
            "[[maybe_unused]] cyclos::client& client, [[maybe_unused]] cyclos::images_api& images)\n{\n{\n"
            "${position}${code}}\nco_return;\n}\n"
        )
    endif()
    string(MAKE_C_IDENTIFIER "${markdown_name}_${line}" name)
    set(${text_variable} "${${text_variable}}\nnamespace ${name} {\n${code}}\n" PARENT_SCOPE)
endfunction()

# Sets the variables to the sources and programs of the given Markdown files.
function(extract_cpp_blocks output_dir sources_variable programs_variable)
    set(sources)
    set(programs)
    foreach(markdown IN LISTS ARGN)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${markdown})
        file(READ ${markdown} rest)
        # So that a block at the very beginning is found as well.
        string(PREPEND rest "\n")
        set(line 0)
        set(text "")
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
            # The line break before the closing mark stays, to be found as the one before the next
            # opening mark.
            math(EXPR end "${end} - 1")
            string(SUBSTRING "${rest}" ${end} -1 rest)

            count_lines(lines "${before}")
            math(EXPR line "${line} + ${lines}")
            take_cpp_block(${output_dir} text programs ${markdown} ${line} "${code}")
            count_lines(lines "${code}")
            math(EXPR line "${line} + ${lines} - 1")
        endwhile()

        if(NOT text STREQUAL "")
            cmake_path(GET markdown FILENAME markdown_name)
            set(file ${output_dir}/${markdown_name}.cpp)
            write_changed(${file} "#include \"prelude.hpp\"\n${text}")
            list(APPEND sources ${file})
        endif()
    endforeach()
    set(${sources_variable} ${sources} PARENT_SCOPE)
    set(${programs_variable} ${programs} PARENT_SCOPE)
endfunction()

# Does not write a file whose contents are unchanged, so that it is not compiled again.
function(write_changed file text)
    set(written "")
    if(EXISTS ${file})
        file(READ ${file} written)
    endif()
    if(NOT written STREQUAL text)
        file(WRITE ${file} "${text}")
    endif()
endfunction()

function(count_lines variable text)
    string(REGEX REPLACE "[^\n]" "" breaks "${text}")
    string(LENGTH "${breaks}" length)
    set(${variable} ${length} PARENT_SCOPE)
endfunction()

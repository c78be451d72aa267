#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# headers_alone: each header compiles by itself, and can be included twice.
# headers_with_macros: all of them compile if `min` and `max` are macros, as
# <windows.h> defines them.

set(include_dir ${PROJECT_SOURCE_DIR}/include)
set(generated_dir ${CMAKE_CURRENT_BINARY_DIR}/headers_alone)

file(GLOB_RECURSE headers RELATIVE ${include_dir} CONFIGURE_DEPENDS ${include_dir}/cyclos/*.hpp)
# The one header for a single file, and only with separate compilation.
list(REMOVE_ITEM headers cyclos/src.hpp)

set(sources)
foreach(header IN LISTS headers)
    string(REPLACE "/" "_" name ${header})
    set(source ${generated_dir}/${name}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "#include <${header}>\n#include <${header}>\n")
    list(APPEND sources ${source})
endforeach()

add_library(headers_alone OBJECT EXCLUDE_FROM_ALL ${sources})
target_link_libraries(headers_alone PRIVATE cyclos::images)
# Only the syntax is checked, in half the time.
target_compile_options(headers_alone PRIVATE -fsyntax-only)

# The macros are defined before our headers. Those of the compiler, Boost and OpenSSL are included
# first: not all of them tolerate the macros.
file(GLOB_RECURSE library_files CONFIGURE_DEPENDS ${include_dir}/cyclos/*.hpp ${include_dir}/cyclos/*.ipp)
set(others)
foreach(file IN LISTS library_files)
    file(STRINGS ${file} includes REGEX "^#include <")
    foreach(include IN LISTS includes)
        string(REGEX MATCH "<[^>]*>" name "${include}")
        if(NOT name MATCHES "^<cyclos/")
            list(APPEND others ${name})
        endif()
    endforeach()
endforeach()
list(REMOVE_DUPLICATES others)
list(SORT others) # Boost, which includes <windows.h>, comes before what needs that
set(text "")
foreach(name IN LISTS others)
    string(APPEND text "#if __has_include(${name})\n#include ${name}\n#endif\n")
endforeach()
string(APPEND text
    "#undef min\n#undef max\n"
    "#define min(a, b) (((a) < (b)) ? (a) : (b))\n#define max(a, b) (((a) > (b)) ? (a) : (b))\n")
foreach(header IN LISTS headers)
    string(APPEND text "#include <${header}>\n")
endforeach()
file(CONFIGURE OUTPUT ${generated_dir}/min_max_macros.cpp CONTENT "${text}" @ONLY)

add_library(headers_with_macros OBJECT EXCLUDE_FROM_ALL ${generated_dir}/min_max_macros.cpp)
target_link_libraries(headers_with_macros PRIVATE cyclos::images)
target_compile_options(headers_with_macros PRIVATE -fsyntax-only)
add_dependencies(headers_alone headers_with_macros)

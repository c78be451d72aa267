#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# headers_alone: each header compiles with nothing before it, and twice with no
# harm.

set(include_dir ${PROJECT_SOURCE_DIR}/include)
set(generated_dir ${CMAKE_CURRENT_BINARY_DIR}/headers_alone)

file(GLOB_RECURSE headers RELATIVE ${include_dir} CONFIGURE_DEPENDS ${include_dir}/cyclos/*.hpp)
# The one header that is meant for a single file, and only with separate compilation.
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
# Whether they compile is all there is to know, in half the time.
target_compile_options(headers_alone PRIVATE -fsyntax-only)

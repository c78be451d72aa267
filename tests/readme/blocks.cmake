#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# readme_blocks: every C++ block of the documentation compiles.

include(${CMAKE_CURRENT_LIST_DIR}/extract.cmake)

file(GLOB documents CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/docs/*.md)
extract_cpp_blocks(${CMAKE_CURRENT_BINARY_DIR}/readme_blocks sources ${documents})

add_library(readme_blocks OBJECT EXCLUDE_FROM_ALL ${sources})
target_link_libraries(readme_blocks PRIVATE cyclos::images)
target_include_directories(readme_blocks PRIVATE ${CMAKE_CURRENT_LIST_DIR})
# An example may set what it does not use, and declare `client` in a block that already has one.
target_compile_options(readme_blocks PRIVATE -Wno-unused -Wno-shadow)

# GCC takes a block for a part of another file than the one that it compiles, as the #line says so, and warns of lambdas
# there as it would in a header.
target_compile_options(readme_blocks PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)

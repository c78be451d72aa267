#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# readme_blocks: every C++ block of the README and of docs/ compiles.

include(${CMAKE_CURRENT_LIST_DIR}/extract.cmake)

file(GLOB documents CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/docs/*.md ${PROJECT_SOURCE_DIR}/docs/guides/*.md)
extract_cpp_blocks(${CMAKE_CURRENT_BINARY_DIR}/readme_blocks sources programs ${documents})

# Parsing the headers takes longer than all blocks, so it is done once. A
# program is compiled alone: its includes must be sufficient.
add_library(readme_blocks OBJECT EXCLUDE_FROM_ALL ${sources} ${programs})
set_target_properties(readme_blocks PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
set_source_files_properties(${programs} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

target_link_libraries(readme_blocks PRIVATE cyclos::images cyclos::sandbox)
target_include_directories(readme_blocks PRIVATE ${CMAKE_CURRENT_LIST_DIR})
# An example may leave variables unused, and declare `client` in a block that
# already has one.
target_compile_options(readme_blocks PRIVATE -Wno-unused -Wno-shadow)

# Because of #line, GCC takes a block for a part of an included file, and warns of lambdas there as
# in a header.
target_compile_options(readme_blocks PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)

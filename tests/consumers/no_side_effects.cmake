#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Included if the library is part of another project: checks that it adds no
# targets except its own two, no tests, and no flags.

get_directory_property(targets DIRECTORY ${CYCLOS_IMAGES_SOURCE_DIR} BUILDSYSTEM_TARGETS)
get_directory_property(folders DIRECTORY ${CYCLOS_IMAGES_SOURCE_DIR} SUBDIRECTORIES)
if(NOT targets STREQUAL "cyclos_images" OR folders)
    message(FATAL_ERROR "The library adds other targets than its own: ${targets} in ${folders}")
endif()

foreach(directory ${CMAKE_CURRENT_SOURCE_DIR} ${CYCLOS_IMAGES_SOURCE_DIR})
    foreach(property COMPILE_OPTIONS COMPILE_DEFINITIONS INCLUDE_DIRECTORIES LINK_OPTIONS LINK_LIBRARIES TESTS)
        get_directory_property(value DIRECTORY ${directory} ${property})
        if(value)
            message(FATAL_ERROR "${directory}: ${property} is set: ${value}")
        endif()
    endforeach()
    foreach(variable CMAKE_CXX_FLAGS CMAKE_CXX_STANDARD CMAKE_CXX_EXTENSIONS CMAKE_COMPILE_WARNING_AS_ERROR
            CMAKE_EXPORT_COMPILE_COMMANDS BUILD_TESTING CPACK_GENERATOR)
        get_directory_property(value DIRECTORY ${directory} DEFINITION ${variable})
        if(NOT "${value}" STREQUAL "")
            message(FATAL_ERROR "${directory}: ${variable} is set: ${value}")
        endif()
    endforeach()
endforeach()

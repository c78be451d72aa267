#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Linux only: integration tests, chaos tests, the soak test, and consumers of
# the library.

# The programs that the integration tests start. Some are in folders that are
# not in the PATH of every user.
find_program(NGINX nginx HINTS /usr/sbin /usr/local/sbin)
find_program(HAPROXY haproxy HINTS /usr/sbin /usr/local/sbin)
find_program(APACHE NAMES apache2 httpd HINTS /usr/sbin /usr/local/sbin)
find_path(APACHE_MODULES mod_mpm_event.so PATHS /usr/lib/apache2/modules /usr/lib64/httpd/modules NO_DEFAULT_PATH)
find_program(TINYPROXY tinyproxy)
find_program(NODE node)
foreach(program NGINX HAPROXY APACHE APACHE_MODULES TINYPROXY NODE)
    if(NOT ${program})
        message(WARNING "${program} was not found: tests that need it will fail. tests/run.sh installs it.")
    endif()
endforeach()

add_test_program(integration_tests DIRECTORY integration TIMEOUT 300)

# The paths of the programs that the integration tests start.
set(paths_dir ${CMAKE_CURRENT_BINARY_DIR}/paths/$<CONFIG>)
set(TOOL "$<TARGET_FILE:cyclos-images>")
set(EXAMPLES "$<TARGET_FILE_DIR:cyclos-images>")
if(NOT TARGET logging_spdlog)
    message(WARNING "spdlog was not found: the test of the example that needs it will fail.")
endif()
set(NODE_DIR ${CMAKE_CURRENT_SOURCE_DIR}/integration/node)
configure_file(integration/support/paths.hpp.in ${CMAKE_CURRENT_BINARY_DIR}/paths.hpp.in @ONLY)
file(GENERATE OUTPUT ${paths_dir}/test_paths.hpp INPUT ${CMAKE_CURRENT_BINARY_DIR}/paths.hpp.in)
target_include_directories(integration_tests PRIVATE ${paths_dir})
add_dependencies(integration_tests cyclos-images examples)

# GCC 12 has coroutine bugs that corrupt memory. Clang builds all tests with the address sanitizer, in half the time;
# these, which make every kind of call, are built with GCC and the sanitizer too.
add_executable(coroutine_tests EXCLUDE_FROM_ALL
    integration/support/spawn.cpp integration/user_code.cpp integration/downloads.cpp integration/operations.cpp
    integration/completion_tokens.cpp)
target_link_libraries(coroutine_tests PRIVATE test_main cyclos::sandbox)
target_include_directories(coroutine_tests PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_precompile_headers(coroutine_tests REUSE_FROM test_main)

# Chaos test: operations while reverse proxies are reloaded and restarted. It is a short test here; chaos/run.sh runs it
# for longer.
add_library(chaos_support OBJECT EXCLUDE_FROM_ALL chaos/chaos_run.cpp chaos/reverse_proxy.cpp)
target_link_libraries(chaos_support PUBLIC cyclos_images_compiled cyclos::sandbox)
target_include_directories(chaos_support PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(integration_tests PRIVATE chaos_support)

add_executable(chaos
    chaos/main.cpp integration/support/child_process.cpp integration/support/launch.cpp)
target_link_libraries(chaos PRIVATE chaos_support)
target_include_directories(chaos PRIVATE ${paths_dir})

# Soak test: operations under faults. It is a short test here; soak/run.sh runs it for longer.
add_executable(soak
    integration/support/fault_proxy.cpp integration/support/name_service.cpp integration/support/resources.cpp
    soak/faulty_environment.cpp soak/main.cpp soak/server_faults.cpp soak/soak.cpp)
target_link_libraries(soak PRIVATE cyclos_images_compiled cyclos::sandbox ${CMAKE_DL_LIBS})
target_include_directories(soak PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})

# Short forms of the chaos test and the soak test: seconds and seed. integration/proxy_restarts runs the chaos test with
# the other servers.
add_test(NAME integration/chaos COMMAND chaos 6 1 nginx)
add_test(NAME integration/soak COMMAND soak 10 1)
set_tests_properties(integration/chaos integration/soak PROPERTIES LABELS integration TIMEOUT 300)

include(consumers/consumers.cmake)

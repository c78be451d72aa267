#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The port with vcpkg itself, which is not on every machine: header-only, and
# everything. Dependencies are the libraries of the system, as empty ports.

include(${CMAKE_CURRENT_LIST_DIR}/../support.cmake)

set(ENV{VCPKG_FORCE_SYSTEM_BINARIES} 1)
set(ENV{VCPKG_DISABLE_METRICS} 1)
set(port_dir ${LIBRARY_SOURCE_DIR}/packaging/vcpkg/ports)

# Manifests have the format of vcpkg.
foreach(manifest ${LIBRARY_SOURCE_DIR}/vcpkg.json ${port_dir}/cyclos-images/vcpkg.json)
    configure_file(${manifest} ${WORK_DIR}/format/vcpkg.json COPYONLY)
    run(${VCPKG} format-manifest ${WORK_DIR}/format/vcpkg.json --vcpkg-root=${VCPKG_ROOT})
    file(READ ${manifest} kept)
    file(READ ${WORK_DIR}/format/vcpkg.json formatted)
    if(NOT kept STREQUAL formatted)
        message(FATAL_ERROR "vcpkg format-manifest changes ${manifest} to:\n${formatted}")
    endif()
endforeach()

function(add_empty_port name)
    file(WRITE ${WORK_DIR}/index/${name}/vcpkg.json "{\"name\": \"${name}\", \"version\": \"0\"}\n")
    file(WRITE ${WORK_DIR}/index/${name}/portfile.cmake "set(VCPKG_POLICY_EMPTY_PACKAGE enabled)\n")
endfunction()

file(READ ${port_dir}/cyclos-images/vcpkg.json manifest)
string(JSON dependencies GET "${manifest}" dependencies)
string(REGEX MATCHALL "\"(boost-[a-z]+|openssl)\"" names "${dependencies}")
foreach(name IN LISTS names)
    string(REPLACE "\"" "" name ${name})
    add_empty_port(${name})
endforeach()
add_empty_port(cli11)
add_empty_port(stb)

# install_port(FEATURES FOLDER): a warning of vcpkg about the installed files is an error of the
# port.
function(install_port features folder)
    execute_process(COMMAND ${VCPKG} install --classic "cyclos-images${features}"
        --vcpkg-root=${VCPKG_ROOT} --overlay-ports=${port_dir} --overlay-ports=${WORK_DIR}/index
        --x-install-root=${WORK_DIR}/${folder} --x-buildtrees-root=${WORK_DIR}/buildtrees
        --x-packages-root=${WORK_DIR}/packages --downloads-root=${WORK_DIR}/downloads --binarysource=clear
        OUTPUT_VARIABLE output ECHO_OUTPUT_VARIABLE ERROR_VARIABLE errors ECHO_ERROR_VARIABLE COMMAND_ERROR_IS_FATAL ANY)
    if("${output}${errors}" MATCHES "warning: [^\n]*")
        message(FATAL_ERROR "vcpkg warns about the port: ${CMAKE_MATCH_0}")
    endif()
    if(NOT output MATCHES "cyclos-images provides CMake targets:")
        message(FATAL_ERROR "vcpkg does not print the usage of the port")
    endif()
endfunction()

install_port("" headers)
install_port("[sandbox,tool]" everything)
file(GLOB prefix ${WORK_DIR}/everything/*-*)
list(FILTER prefix INCLUDE REGEX "linux")
run(${prefix}/tools/cyclos-images/cyclos-images --version)

file(GLOB headers ${WORK_DIR}/headers/*-*)
list(FILTER headers INCLUDE REGEX "linux")
build_consumer(${CMAKE_CURRENT_LIST_DIR}/../install
    -D CMAKE_PREFIX_PATH=${headers} -D CYCLOS_IMAGES_VERSION=${LIBRARY_VERSION})
run(${RUN_AGAINST_SERVER} ${WORK_DIR}/build/consumer)

# Both builds are installed, and CMake selects that of the project.
foreach(type Debug Release)
    run(${CMAKE_COMMAND} --no-warn-unused-cli -S ${CMAKE_CURRENT_LIST_DIR}/../sandbox -B ${WORK_DIR}/${type}
        -G ${GENERATOR} -D CMAKE_BUILD_TYPE=${type} -D CMAKE_CXX_COMPILER=${CXX_COMPILER}
        -D CMAKE_PREFIX_PATH=${prefix})
endforeach()
run(${CMAKE_COMMAND} --build ${WORK_DIR}/Release)
run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK_DIR}/Release --output-on-failure --no-tests=error)

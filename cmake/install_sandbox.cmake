#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Installs the embedded server as the component `sandbox` of the package.
#
# Asio's code differs between programs: macros such as BOOST_ASIO_NO_DEPRECATED
# change its inline functions under the same names. A program compiled with
# other macros than this library would crash. So the server becomes one object
# that exports only the symbols of namespace cyclos::sandbox, whose interface
# uses only the standard library.

if(NOT CMAKE_OBJCOPY)
    message(FATAL_ERROR "CYCLOS_IMAGES_INSTALL_SANDBOX needs objcopy.")
endif()

# GNU ld only: other linkers have no option that keeps exactly one copy of each
# inline function.
find_program(GNU_LD NAMES ld.bfd REQUIRED)
mark_as_advanced(GNU_LD)

# Symbols that GCC makes unique in the process, such as variables of inline
# functions, stay unique under objcopy.
target_compile_options(cyclos_sandbox PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)

set(sealed_object ${generated_dir}/cyclos_sandbox.o)
add_custom_command(OUTPUT ${sealed_object}
    COMMAND ${GNU_LD} -r --force-group-allocation --whole-archive $<TARGET_FILE:cyclos_sandbox> -o ${sealed_object}
    COMMAND ${CMAKE_OBJCOPY} --wildcard
        --keep-global-symbol=_ZN6cyclos7sandbox* --keep-global-symbol=_ZNK6cyclos7sandbox* ${sealed_object}
    DEPENDS cyclos_sandbox
    VERBATIM
)
add_library(cyclos_sandbox_sealed STATIC ${sealed_object})
set_target_properties(cyclos_sandbox_sealed PROPERTIES
    EXPORT_NAME sandbox
    LINKER_LANGUAGE CXX
    OUTPUT_NAME cyclos_sandbox
)
target_compile_features(cyclos_sandbox_sealed PUBLIC cxx_std_20)
target_link_libraries(cyclos_sandbox_sealed PRIVATE Boost::json OpenSSL::SSL OpenSSL::Crypto Threads::Threads)

install(TARGETS cyclos_sandbox_sealed EXPORT cyclos-images-sandbox-targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT sandbox
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/tests/sandbox/include/cyclos
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    COMPONENT sandbox
)
install(EXPORT cyclos-images-sandbox-targets NAMESPACE cyclos:: DESTINATION ${package_dir} COMPONENT sandbox)

# Next to the library, as it depends on the architecture.
install_pkg_config(cyclos-images-sandbox ${CMAKE_INSTALL_LIBDIR}/pkgconfig sandbox)
install_licence(libcyclos-images-sandbox-dev sandbox)

#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Installs the command-line tool, its manual page, and its completions for three
# shells.

include(GNUInstallDirs)

set(generated_dir ${PROJECT_BINARY_DIR}/tool)
file(MAKE_DIRECTORY ${generated_dir})

# install_text(KIND FILE DIRECTORY): lets the tool generate a file of that kind,
# and installs it there.
set(generated_files)
function(install_text kind file directory)
    set(output ${generated_dir}/${file})
    # The output file is created even if the tool fails: it is renamed only when it is complete.
    add_custom_command(OUTPUT ${output}
        COMMAND cyclos-images --generate ${kind} > ${output}.part
        COMMAND ${CMAKE_COMMAND} -E rename ${output}.part ${output}
        DEPENDS cyclos-images
        VERBATIM
    )
    install(FILES ${output} DESTINATION ${directory} COMPONENT tool)
    set(generated_files ${generated_files} ${output} PARENT_SCOPE)
endfunction()

install_text(man cyclos-images.1 ${CMAKE_INSTALL_MANDIR}/man1)
install_text(bash cyclos-images ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install_text(zsh _cyclos-images ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install_text(fish cyclos-images.fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
add_custom_target(tool_texts ALL DEPENDS ${generated_files})

install(TARGETS cyclos-images RUNTIME COMPONENT tool)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/cyclos-images RENAME copyright
    COMPONENT tool
)

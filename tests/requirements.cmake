#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# What the library cannot be compiled with, it refuses by a message that says
# so. Called with -D ROOT=the root of the checkout -D CXX_COMPILER=the compiler
# -D OPENSSL_INCLUDE_DIR=where its headers are -D WORK_DIR=a folder for files of
# its own.

# refuse(WHAT MESSAGE OPTION...): the message is the first that there is.
function(refuse what message)
    execute_process(
        COMMAND ${CXX_COMPILER} ${ARGN} -I${ROOT}/include -I${OPENSSL_INCLUDE_DIR} -E -Wfatal-errors
            -x c++ ${ROOT}/include/cyclos/images.hpp
        RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE messages)
    if(status EQUAL 0 OR NOT messages MATCHES "${message}")
        message(SEND_ERROR "${what} is not refused by \"${message}\": status ${status}\n${messages}")
    endif()
endfunction()

refuse("C++17" "cyclos-images needs C\\+\\+20" -std=c++17)

# The forks are told by a macro of their own in a header that OpenSSL has too.
set(forks "needs OpenSSL 3.0 or later: LibreSSL, BoringSSL and AWS-LC")
refuse("LibreSSL" "${forks}" -std=c++20 -DLIBRESSL_VERSION_NUMBER=0x4000000fL)
refuse("BoringSSL" "${forks}" -std=c++20 -DOPENSSL_IS_BORINGSSL)
refuse("AWS-LC" "${forks}" -std=c++20 -DOPENSSL_IS_AWSLC)

# A header that is found before that of the system stands for an older OpenSSL.
set(old ${WORK_DIR}/old_openssl)
file(WRITE ${old}/openssl/opensslv.h "#define OPENSSL_VERSION_NUMBER 0x1010117fL\n")
refuse("OpenSSL 1.1" "needs OpenSSL 3.0 or later: the headers found" -std=c++20 -I${old})

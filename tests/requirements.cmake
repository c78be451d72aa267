#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The compiler stops with a clear message if it cannot compile the library.
# Called with -D ROOT=the root of the checkout -D CXX_COMPILER=the compiler
# -D OPENSSL_INCLUDE_DIR=where its headers are -D WORK_DIR=a directory for files.

# expect_error(CONDITION MESSAGE OPTION...): with GCC, the message must be the first one.
function(expect_error condition message)
    execute_process(
        COMMAND ${CXX_COMPILER} ${ARGN} -I${ROOT}/include -I${OPENSSL_INCLUDE_DIR} -E -Wfatal-errors
            -x c++ ${ROOT}/include/cyclos/images.hpp
        RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE messages)
    if(status EQUAL 0 OR NOT messages MATCHES "${message}")
        message(SEND_ERROR "With ${condition} there is no error \"${message}\": status ${status}\n${messages}")
    endif()
endfunction()

expect_error("C++17" "cyclos-images needs C\\+\\+20" -std=c++17)

# Forks define a macro of their own in a header that OpenSSL has too.
set(forks "needs OpenSSL 3.0 or later: LibreSSL, BoringSSL and AWS-LC")
expect_error("LibreSSL" "${forks}" -std=c++20 -DLIBRESSL_VERSION_NUMBER=0x4000000fL)
expect_error("BoringSSL" "${forks}" -std=c++20 -DOPENSSL_IS_BORINGSSL)
expect_error("AWS-LC" "${forks}" -std=c++20 -DOPENSSL_IS_AWSLC)

# A header that is found before that of the system simulates an older OpenSSL.
set(old ${WORK_DIR}/old_openssl)
file(WRITE ${old}/openssl/opensslv.h "#define OPENSSL_VERSION_NUMBER 0x1010117fL\n")
expect_error("OpenSSL 1.1" "needs OpenSSL 3.0 or later: the headers found" -std=c++20 -I${old})

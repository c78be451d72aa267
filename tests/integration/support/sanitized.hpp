//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_SANITIZED_HPP
#define CYCLOS_TESTS_SANITIZED_HPP

// Defines CYCLOS_TESTS_SANITIZED if a sanitizer replaces the allocator, which keeps freed memory.
// Clang 19 has only the feature test, and GCC 12 only the macros.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define CYCLOS_TESTS_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CYCLOS_TESTS_SANITIZED
#endif

// Defines CYCLOS_TESTS_CAN_FORK if a process with threads may fork, and its child may start
// threads. The thread sanitizer of Clang ends such a child.
#if !defined(_WIN32) && !defined(__SANITIZE_THREAD__)
#if !defined(__has_feature)
#define CYCLOS_TESTS_CAN_FORK
#elif !__has_feature(thread_sanitizer)
#define CYCLOS_TESTS_CAN_FORK
#endif
#endif

#endif // CYCLOS_TESTS_SANITIZED_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Needs the implementation, which the precompiled header has excluded from doctest.h.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>

int main(int argc, char** argv)
{
#if defined(SIGPIPE) // not on Windows
    // The parent process may ignore it: the library must not depend on that.
    std::signal(SIGPIPE, SIG_DFL);
#endif
    return doctest::Context{argc, argv}.run();
}

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/sanitized.hpp"

#include <cyclos/detail/base/serial_check.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <thread>

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>
#endif

using cyclos::detail::serial_check;

TEST_SUITE("serial_check")
{
    TEST_CASE("serial_check: a section is reentrant, and another thread may enter it afterwards")
    {
        serial_check check;
        {
            const serial_check::section outer{check};
            const serial_check::section inner{check};
        }
        std::thread{[&] { const serial_check::section section{check}; }}.join();
        const serial_check::section again{check};
    }

#if defined(CYCLOS_TESTS_CAN_FORK) && !defined(BOOST_ASSERT_IS_VOID)
    TEST_CASE("serial_check: a second thread in the section fails an assertion")
    {
        const ::pid_t child = ::fork();
        if (child == 0) {
            std::signal(SIGABRT, SIG_DFL);
            static_cast<void>(::close(STDERR_FILENO));
            serial_check check;
            const serial_check::section section{check};
            std::thread{[&] { const serial_check::section second{check}; }}.join();
            ::_exit(0);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == SIGABRT);
    }
#endif
}

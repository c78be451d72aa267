//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_INTEGRATION_TEST_HPP
#define CYCLOS_TESTS_INTEGRATION_TEST_HPP

// The includes and names that most integration tests use: a client of the embedded server, the
// facts of an error, and the ways in which the server misbehaves.

#include "integration/support/sandbox_session.hpp"

#include <cyclos/images.hpp>

#include <doctest/doctest.h>

namespace cyclos::test {

using cyclos::errc;
using cyclos::file_source;
using cyclos::memory_source;
using cyclos::phase;
using cyclos::sent_state;
using sandbox::ending;
using sandbox::framing;

} // namespace cyclos::test

#endif // CYCLOS_TESTS_INTEGRATION_TEST_HPP

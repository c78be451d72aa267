//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Precedes those code blocks of the documentation that are not whole programs.

#ifndef CYCLOS_TESTS_README_PRELUDE_HPP
#define CYCLOS_TESTS_README_PRELUDE_HPP

#include <cyclos/images.hpp>
#include <cyclos/json.hpp>
#include <cyclos/sandbox/server.hpp>

#include <boost/asio.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ssl.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;

#endif // CYCLOS_TESTS_README_PRELUDE_HPP

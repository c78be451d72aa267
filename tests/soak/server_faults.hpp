//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SOAK_SERVER_FAULTS_HPP
#define CYCLOS_SOAK_SERVER_FAULTS_HPP

#include <cyclos/sandbox/server.hpp>

#include <random>

namespace cyclos::soak {

/// Makes the server misbehave in a random way, or not at all, until the next call.
void change_server_fault(sandbox::server& server, std::mt19937_64& random);

} // namespace cyclos::soak

#endif // CYCLOS_SOAK_SERVER_FAULTS_HPP

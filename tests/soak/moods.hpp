//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SOAK_MOODS_HPP
#define CYCLOS_SOAK_MOODS_HPP

#include <cyclos/sandbox/server.hpp>

#include <random>

namespace cyclos::soak {

/// Lets the server behave, or misbehave in a way that is picked at random, until the next call.
void change_mood(sandbox::server& server, std::mt19937_64& random);

} // namespace cyclos::soak

#endif // CYCLOS_SOAK_MOODS_HPP

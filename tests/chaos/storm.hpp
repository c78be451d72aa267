//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_CHAOS_STORM_HPP
#define CYCLOS_CHAOS_STORM_HPP

#include "chaos/front.hpp"

#include <cyclos/sandbox/server.hpp>

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace cyclos::chaos {

/// How hard it blows.
struct storm_options
{
    std::chrono::milliseconds duration{4000};
    std::chrono::milliseconds between{500}; ///< From one reload or restart to the next, on average.
    unsigned concurrency = 200;
    std::uint64_t seed = 1;
};

/// Failures of one kind.
struct failure_count
{
    std::uint64_t count = 0;
    std::string explanation; ///< Why no policy could hide them; empty: it should have.
};

/// What came of it.
class storm_report
{
public:
    std::map<std::string, std::uint64_t> operations; ///< That succeeded, by kind.
    std::map<std::string, failure_count>
        failures;                   ///< By operation, code, phase, and what was sent.
    std::vector<std::string> wrong; ///< Results that must not be.
    std::uint64_t repeated = 0;     ///< Attempts behind others of the same operation.
    std::uint64_t reloads = 0;
    std::uint64_t restarts = 0;
    std::uint64_t kills = 0;

    std::uint64_t succeeded() const;
    std::uint64_t failed() const;

    /// No result is wrong, and each failure is explained.
    bool good() const;
};

std::ostream& operator<<(std::ostream& out, const storm_report& report);

/// A server to stand behind a front: without TLS, and forgetting nothing that is uploaded.
sandbox::options backend_options();

/** Operations through a server that is reloaded, stopped and killed while they run; then their
    results are held against what the backend has.

    @param where The server, started. It is stopped at the end.
*/
storm_report run_storm(front& where, sandbox::server& backend, const storm_options& options);

} // namespace cyclos::chaos

#endif // CYCLOS_CHAOS_STORM_HPP

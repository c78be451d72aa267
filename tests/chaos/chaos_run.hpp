//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_CHAOS_CHAOS_RUN_HPP
#define CYCLOS_CHAOS_CHAOS_RUN_HPP

#include "chaos/reverse_proxy.hpp"

#include <cyclos/sandbox/server.hpp>

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace cyclos::chaos {

struct chaos_options
{
    std::chrono::milliseconds duration{4000};
    std::chrono::milliseconds between{500}; ///< Average time between reloads or restarts.
    unsigned concurrency = 200;
    std::uint64_t seed = 1;
};

/// Failures of one kind.
struct failure_count
{
    std::uint64_t count = 0;
    std::string explanation; ///< Empty: a retry should have hidden them.
};

/// The results.
class chaos_report
{
public:
    std::map<std::string, std::uint64_t> operations; ///< Successes by kind.
    std::map<std::string, failure_count> failures;   ///< By operation, code, phase and sent state.
    std::vector<std::string> wrong;                  ///< Wrong results.
    std::uint64_t repeated = 0;                      ///< Attempts after the first of an operation.
    std::uint64_t reloads = 0;
    std::uint64_t restarts = 0;
    std::uint64_t kills = 0;

    std::uint64_t succeeded() const;
    std::uint64_t failed() const;

    /// No result is wrong, and each failure is explained.
    bool good() const;
};

std::ostream& operator<<(std::ostream& out, const chaos_report& report);

/// Options of the server behind the proxy: without TLS, and with room for all uploads.
sandbox::options backend_options();

/** Runs operations through a reverse proxy that is reloaded, stopped and killed meanwhile, and
    compares their results with the images of the backend.

    @param proxy The reverse proxy, started. It is stopped at the end.
*/
chaos_report run_chaos(reverse_proxy& proxy, sandbox::server& backend,
                       const chaos_options& options);

} // namespace cyclos::chaos

#endif // CYCLOS_CHAOS_CHAOS_RUN_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_FAULT_CELL_HPP
#define CYCLOS_TESTS_FAULT_CELL_HPP

#include "integration/support/fault_proxy.hpp"

#include <cyclos/sandbox/content.hpp>
#include <cyclos/sandbox/server.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cyclos::test {

enum class operation { view, download, upload, reorder, remove };
constexpr std::array<std::string_view, 5> operation_names{"view", "download", "upload", "reorder",
                                                          "delete"};

/// The rows: positions of faults, from the client's point of view.
enum class place {
    connect,
    accept,
    hello,
    server_hello,
    ticket,
    request_head,
    request_body,
    waiting,
    response_head,
    response_body,
    idle
};
constexpr std::array<std::string_view, 11> place_names{
    "connect hook", "accept",  "client's hello", "server's hello", "ticket", "request head",
    "request body", "waiting", "response head",  "response body",  "idle"};

constexpr std::array<std::string_view, 9> fault_names{
    "delay", "throttle", "split", "corrupt", "cut", "half-close", "reset", "blackhole", "refuse"};

struct cell
{
    place position = place::accept;
    fault type = fault::delay;
    operation call = operation::view;
    bool warm = false;

    // The result
    std::string outcome = "-";
    std::string problem = {}; ///< Empty: the result is as expected.
};

/// Whether the large direction of the operation is the one with the fault.
bool loads_direction(const cell& c);

/// Sizes of responses on the wire, as measured.
using sizes = std::map<operation, std::uint64_t>;

/// A server with few images, which are recreated for each cell.
class bench
{
public:
    bench();

    sandbox::server server;

    /// Stores the user's images. Responses, except large ones, are sent in many records.
    void prepare(operation call);

    /// The ids of the user's images, without uploads.
    std::string order();

    std::vector<sandbox::image> uploads();

private:
    sandbox::content content_;
};

/** Runs the operation of a cell into its fault, and checks its report and the next request.

    @param expected The words of the possible outcomes.
*/
void run_cell(cell& planned, bench& used, const sizes& responses,
              const std::set<std::string>& expected);

/// Runs an operation without a fault, and returns the size of its response on the wire.
std::uint64_t measure_response(operation call, bench& used);

} // namespace cyclos::test

#endif // CYCLOS_TESTS_FAULT_CELL_HPP

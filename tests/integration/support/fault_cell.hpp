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

/// The rows: where the faults are, from the client's point of view.
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
    place where = place::accept;
    fault what = fault::delay;
    operation done = operation::view;
    bool warm = false;

    // How it ended
    std::string outcome = "-";
    std::string problem = {}; ///< What was wrong with that, if anything.
};

/// Whether what the operation has so much of goes the way that the fault is on.
bool burdens(const cell& c);

/// Bytes of an answer on the wire, measured.
using sizes = std::map<operation, std::uint64_t>;

/// A server with few images, which are made anew for each cell.
class bench
{
public:
    bench();

    sandbox::server server;

    /// What the user has; and answers, but for large ones, come in many records.
    void prepare(operation what);

    /// The ids of the user's images, without those of the pictures that were uploaded.
    std::string order();

    std::vector<sandbox::image> uploads();

private:
    sandbox::content content_;
};

/** Runs the operation of a cell into its fault, and checks what is told of it, and what comes after
    it.

    @param expected The words for how it may end.
*/
void run_cell(cell& what, bench& where, const sizes& answers,
              const std::set<std::string>& expected);

/// Runs an operation without a fault, and gives how many bytes its answer has on the wire.
std::uint64_t measure_answer(operation what, bench& where);

} // namespace cyclos::test

#endif // CYCLOS_TESTS_FAULT_CELL_HPP

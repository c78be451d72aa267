//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Each fault in each phase of each kind of operation, on new and on reused connections: each
// operation ends, and its report is true. The printed table shows the outcomes.

#include "integration/support/fault_cell.hpp"
#include "integration/support/fault_proxy.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <iomanip>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace cyclos::test;

bool is_harmless(fault type)
{
    return type == fault::delay || type == fault::split;
}

/// The faults that make a difference at a position.
std::vector<fault> faults_at(place position)
{
    switch (position) {
    case place::connect: return {fault::blackhole}; // a connect hook that never returns
    case place::accept:
        return {fault::delay, fault::cut,       fault::half_close,
                fault::reset, fault::blackhole, fault::refuse};
    case place::idle: return {fault::cut, fault::half_close, fault::reset, fault::blackhole};
    default:
        return {fault::delay, fault::throttle,   fault::split, fault::corrupt,
                fault::cut,   fault::half_close, fault::reset, fault::blackhole};
    }
}

/// Whether an operation on such a connection has that phase.
bool exists(place position, operation call, bool warm)
{
    switch (position) {
    case place::request_body: return call == operation::upload;
    case place::response_body: return call != operation::reorder && call != operation::remove;
    case place::idle: return warm;
    case place::connect:
    case place::ticket: return !warm;
    default: return true;
    }
}

/// The possible outcomes. A single word if the test does not depend on the order of events in the
/// system.
std::set<std::string> expected(const cell& c)
{
    const bool repeatable = c.call != operation::upload;
    if (is_harmless(c.type)) {
        return {"ok"};
    }
    if (c.type == fault::throttle) {
        return {loads_direction(c) ? "total" : "ok"};
    }
    if (c.type == fault::refuse) {
        return {"refused"};
    }
    if (c.position == place::connect) {
        return {"connect"};
    }
    if (c.position == place::accept || c.position == place::hello ||
        c.position == place::server_hello) {
        // A reset may arrive before the client has sent anything.
        return c.type == fault::blackhole ? std::set<std::string>{"shake"}
               : c.type == fault::reset   ? std::set<std::string>{"tls", "reset"}
                                          : std::set<std::string>{"tls"};
    }
    if (c.type == fault::blackhole) {
        // A timeout is not retried. An upload is stopped by full buffers, unless it was sent
        // before.
        const bool sending =
            c.call == operation::upload &&
            (c.position == place::request_head || c.position == place::request_body ||
             c.position == place::ticket || c.position == place::idle);
        const bool receiving =
            c.position == place::response_body ||
            (c.position == place::response_head && c.call != operation::download);
        return {sending || receiving ? "stall" : "first"};
    }
    if (c.position == place::idle) {
        // Either the client notices the end before it uses the connection, or it sends the request
        // again.
        return repeatable ? std::set<std::string>{"ok"} : std::set<std::string>{"ok", "lost"};
    }
    if (c.position == place::ticket) {
        // A new connection that ends before anything was sent is replaced.
        return {"ok", "lost"};
    }
    if (c.position == place::request_body && c.type == fault::half_close) {
        return {"400"}; // the response of the server to an incomplete request
    }
    // On a reused connection a request is sent again if no byte of a response has arrived; a
    // repeated delete finds nothing if it was performed before. A reset may discard bytes in
    // flight.
    const bool answered = c.position == place::response_body ||
                          (c.position == place::response_head && c.call != operation::download);
    if (!c.warm || !repeatable || (answered && c.type != fault::reset)) {
        return {"lost"};
    }
    const bool performed = c.position == place::waiting || c.position == place::response_head;
    const std::string repeated = c.call == operation::remove && performed ? "404" : "ok";
    return answered ? std::set<std::string>{"lost", repeated} : std::set<std::string>{repeated};
}

std::vector<cell> all_cells()
{
    std::vector<cell> cells;
    for (std::size_t position = 0; position < place_names.size(); ++position) {
        for (const auto type : faults_at(static_cast<place>(position))) {
            for (std::size_t call = 0; call < operation_names.size(); ++call) {
                for (const bool warm : {false, true}) {
                    cells.push_back(
                        {static_cast<place>(position), type, static_cast<operation>(call), warm});
                }
            }
        }
    }
    return cells;
}

/// Runs the existing cells concurrently, as they mostly wait.
void run_all(std::vector<cell>& cells, const sizes& responses)
{
    constexpr std::size_t at_once = 8;
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> workers;
    for (std::size_t n = 0; n < at_once; ++n) {
        workers.emplace_back([&] {
            bench own;
            for (std::size_t i = next++; i < cells.size(); i = next++) {
                cell& c = cells[i];
                if (!exists(c.position, c.call, c.warm)) {
                    continue;
                }
                try {
                    run_cell(c, own, responses, expected(c));
                }
                catch (const std::exception& e) {
                    c.problem = e.what();
                }
                own.server.close_all();
            }
        });
    }
    for (auto& each : workers) {
        each.join();
    }
}

void print(const std::vector<cell>& cells)
{
    std::ostringstream table;
    table << std::left << std::setw(27) << "";
    for (const auto name : operation_names) {
        table << std::setw(16) << name;
    }
    table << '\n' << std::setw(27) << "";
    for (std::size_t n = 0; n < operation_names.size(); ++n) {
        table << std::setw(8) << "cold" << std::setw(8) << "warm";
    }
    std::size_t column = 0;
    for (const auto& c : cells) {
        if (column++ % (operation_names.size() * 2) == 0) {
            table << '\n'
                  << std::setw(15) << place_names.at(static_cast<std::size_t>(c.position)) << ' '
                  << std::setw(11) << fault_names.at(static_cast<std::size_t>(c.type));
        }
        table << std::setw(8) << (c.problem.empty() ? c.outcome : "WRONG");
    }
    std::cout << table.str() << std::endl;
}

} // namespace

TEST_SUITE("fault matrix")
{
    TEST_CASE(
        "fault matrix: each fault in each phase of each operation ends in time with a true report")
    {
        sizes responses;
        {
            bench healthy;
            for (const auto call : {operation::view, operation::upload}) {
                responses[call] = measure_response(call, healthy);
            }
        }
        auto cells = all_cells();
        run_all(cells, responses);
        print(cells);
        for (const auto& c : cells) {
            CAPTURE(place_names.at(static_cast<std::size_t>(c.position)));
            CAPTURE(fault_names.at(static_cast<std::size_t>(c.type)));
            CAPTURE(operation_names.at(static_cast<std::size_t>(c.call)));
            CAPTURE(c.warm);
            CHECK(c.problem == "");
        }
    }
}

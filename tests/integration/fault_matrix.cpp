//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Each fault in each phase of each kind of operation, on new connections and on those that are
// open: all of it ends, and what is told about it is true. The table that is printed tells how.

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

bool is_harmless(fault what)
{
    return what == fault::delay || what == fault::split;
}

/// What the rows have in common: faults that make a difference there.
std::vector<fault> faults_at(place where)
{
    switch (where) {
    case place::connect: return {fault::blackhole}; // it never returns
    case place::accept:
        return {fault::delay, fault::cut,       fault::half_close,
                fault::reset, fault::blackhole, fault::refuse};
    case place::idle: return {fault::cut, fault::half_close, fault::reset, fault::blackhole};
    default:
        return {fault::delay, fault::throttle,   fault::split, fault::corrupt,
                fault::cut,   fault::half_close, fault::reset, fault::blackhole};
    }
}

/// Whether an operation, on such a connection, ever is in that phase.
bool exists(place where, operation what, bool warm)
{
    switch (where) {
    case place::request_body: return what == operation::upload;
    case place::response_body: return what != operation::reorder && what != operation::remove;
    case place::idle: return warm;
    case place::connect:
    case place::ticket: return !warm;
    default: return true;
    }
}

/// How it may end. A single word wherever the test does not depend on what the system does first.
std::set<std::string> expected(const cell& c)
{
    const bool repeatable = c.done != operation::upload;
    if (is_harmless(c.what)) {
        return {"ok"};
    }
    if (c.what == fault::throttle) {
        return {burdens(c) ? "total" : "ok"};
    }
    if (c.what == fault::refuse) {
        return {"refused"};
    }
    if (c.where == place::connect) {
        return {"connect"};
    }
    if (c.where == place::accept || c.where == place::hello || c.where == place::server_hello) {
        // A reset may come before the client has begun to speak.
        return c.what == fault::blackhole ? std::set<std::string>{"shake"}
               : c.what == fault::reset   ? std::set<std::string>{"tls", "reset"}
                                          : std::set<std::string>{"tls"};
    }
    if (c.what == fault::blackhole) {
        // What a timeout ends is not repeated. An upload is stopped by full buffers, unless it was
        // sent before.
        const bool sending = c.done == operation::upload &&
                             (c.where == place::request_head || c.where == place::request_body ||
                              c.where == place::ticket || c.where == place::idle);
        const bool receiving = c.where == place::response_body ||
                               (c.where == place::response_head && c.done != operation::download);
        return {sending || receiving ? "stall" : "first"};
    }
    if (c.where == place::idle) {
        // Either the end is noticed before the connection is used, or the request is sent again.
        return repeatable ? std::set<std::string>{"ok"} : std::set<std::string>{"ok", "lost"};
    }
    if (c.where == place::ticket) {
        // A new connection that ends before anything was sent makes room for another one.
        return {"ok", "lost"};
    }
    if (c.where == place::request_body && c.what == fault::half_close) {
        return {"400"}; // what the server says to half a request
    }
    // On a used connection a request is sent again as long as no byte of an answer has come, which
    // for a delete finds nothing where it was done before. A reset may throw away bytes that were
    // on their way.
    const bool answered = c.where == place::response_body ||
                          (c.where == place::response_head && c.done != operation::download);
    if (!c.warm || !repeatable || (answered && c.what != fault::reset)) {
        return {"lost"};
    }
    const bool performed = c.where == place::waiting || c.where == place::response_head;
    const std::string repeated = c.done == operation::remove && performed ? "404" : "ok";
    return answered ? std::set<std::string>{"lost", repeated} : std::set<std::string>{repeated};
}

std::vector<cell> all_cells()
{
    std::vector<cell> cells;
    for (std::size_t where = 0; where < place_names.size(); ++where) {
        for (const auto what : faults_at(static_cast<place>(where))) {
            for (std::size_t done = 0; done < operation_names.size(); ++done) {
                for (const bool warm : {false, true}) {
                    cells.push_back(
                        {static_cast<place>(where), what, static_cast<operation>(done), warm});
                }
            }
        }
    }
    return cells;
}

/// Runs the cells that exist, several at a time: most of what they do is to wait.
void run_all(std::vector<cell>& cells, const sizes& answers)
{
    constexpr std::size_t at_once = 8;
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> workers;
    for (std::size_t n = 0; n < at_once; ++n) {
        workers.emplace_back([&] {
            bench own;
            for (std::size_t i = next++; i < cells.size(); i = next++) {
                cell& c = cells[i];
                if (!exists(c.where, c.done, c.warm)) {
                    continue;
                }
                try {
                    run_cell(c, own, answers, expected(c));
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
                  << std::setw(15) << place_names.at(static_cast<std::size_t>(c.where)) << ' '
                  << std::setw(11) << fault_names.at(static_cast<std::size_t>(c.what));
        }
        table << std::setw(8) << (c.problem.empty() ? c.outcome : "WRONG");
    }
    std::cout << table.str() << std::endl;
}

} // namespace

TEST_SUITE("faults on the way")
{
    TEST_CASE("each fault in each phase ends in time, and the truth is told of it")
    {
        sizes answers;
        {
            bench healthy;
            for (const auto done : {operation::view, operation::upload}) {
                answers[done] = measure_answer(done, healthy);
            }
        }
        auto cells = all_cells();
        run_all(cells, answers);
        print(cells);
        for (const auto& c : cells) {
            CAPTURE(place_names.at(static_cast<std::size_t>(c.where)));
            CAPTURE(fault_names.at(static_cast<std::size_t>(c.what)));
            CAPTURE(operation_names.at(static_cast<std::size_t>(c.done)));
            CAPTURE(c.warm);
            CHECK(c.problem == "");
        }
    }
}

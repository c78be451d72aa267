//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "soak/faulty_environment.hpp"

#include "integration/support/sandbox_session.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace cyclos::soak {

using test::fault;
using test::stage;

namespace {

/// A fault that delays or ends a connection, at any byte.
test::incident random_incident(std::mt19937_64& random)
{
    constexpr fault faults[] = {fault::delay,      fault::throttle, fault::split,    fault::cut,
                                fault::half_close, fault::reset,    fault::blackhole};
    test::incident result;
    result.type = faults[random() % std::size(faults)];
    result.direction = random() % 2 == 0 ? test::flow::to_server : test::flow::to_client;
    result.pause = std::chrono::milliseconds{random() % 700};
    constexpr stage stages[] = {stage::accept, stage::handshake, stage::ticket, stage::message};
    result.at = stages[random() % std::size(stages)];
    result.after = random() % (result.at == stage::message ? 500'000 : 500);
    if (result.at == stage::ticket) {
        result.direction = test::flow::to_client;
    }
    return result;
}

} // namespace

faulty_environment::faulty_environment(unsigned short server_port)
    : network_(server_port)
{
    // Many, as a file that is being uploaded cannot be blocked.
    for (int n = 0; n < 32; ++n) {
        files_.push_back(folder_.write(std::to_string(n) + ".png", test::pattern(file_size)));
    }
}

std::filesystem::path faulty_environment::random_file(std::mt19937_64& random) const
{
    return files_[static_cast<std::size_t>(random() % files_.size())];
}

void faulty_environment::change(std::mt19937_64& random)
{
    heal();
    constexpr unsigned kinds = 8;
    switch (changes_ < kinds ? changes_ : random() % kinds) {
    case 0: hang_files(); break;
    case 1: names_.hold(); break;
    case 2: plan(random_incident(random)); break;
    case 3: plan({.type = fault::reset, .at = stage::now}); break;
    case 4:
    case 5: plan(random_incident(random)); break;
    default: break;
    }
    ++changes_;
}

void faulty_environment::take_server_down()
{
    heal();
    plan({.type = fault::reset, .at = stage::now});
    plan({.type = fault::refuse});
}

void faulty_environment::heal()
{
    counts_.files += static_cast<std::size_t>(
        std::ranges::count_if(hung_, [](const auto& each) { return each->waited_for(); }));
    counts_.names += names_.waiting();
    if (std::exchange(planned_, false)) {
        counts_.connections += network_.count().struck;
    }
    network_.heal();
    hung_.clear();
    names_.release();
}

void faulty_environment::plan(const test::incident& incident)
{
    network_.plan(incident);
    planned_ = true;
}

/// Makes each open() of a file block. A file that is open at the moment is left out.
void faulty_environment::hang_files()
{
    for (const auto& each : files_) {
        try {
            hung_.push_back(std::make_unique<test::leased_file>(each));
        }
        catch (const std::system_error& failure) {
            if (failure.code() != std::errc::resource_unavailable_try_again) {
                throw;
            }
        }
    }
}

} // namespace cyclos::soak

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "soak/surroundings.hpp"

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
test::incident any_incident(std::mt19937_64& random)
{
    constexpr fault faults[] = {fault::delay,      fault::throttle, fault::split,    fault::cut,
                                fault::half_close, fault::reset,    fault::blackhole};
    test::incident result;
    result.what = faults[random() % std::size(faults)];
    result.direction = random() % 2 == 0 ? test::flow::to_server : test::flow::to_client;
    result.pause = std::chrono::milliseconds{random() % 700};
    constexpr stage stages[] = {stage::accept, stage::handshake, stage::ticket, stage::message};
    result.where = stages[random() % std::size(stages)];
    result.after = random() % (result.where == stage::message ? 500'000 : 500);
    if (result.where == stage::ticket) {
        result.direction = test::flow::to_client;
    }
    return result;
}

} // namespace

surroundings::surroundings(unsigned short server_port)
    : network_(server_port)
{
    // Many, because one that is being uploaded cannot be made to hang.
    for (int n = 0; n < 32; ++n) {
        files_.push_back(folder_.write(std::to_string(n) + ".png", test::pattern(file_size)));
    }
}

std::filesystem::path surroundings::any_file(std::mt19937_64& random) const
{
    return files_[static_cast<std::size_t>(random() % files_.size())];
}

void surroundings::change(std::mt19937_64& random)
{
    heal();
    constexpr unsigned kinds = 8;
    switch (changes_ < kinds ? changes_ : random() % kinds) {
    case 0: hang_files(); break;
    case 1: names_.hold(); break;
    case 2: plan(any_incident(random)); break;
    case 3: plan({.what = fault::reset, .where = stage::now}); break;
    case 4:
    case 5: plan(any_incident(random)); break;
    default: break;
    }
    ++changes_;
}

void surroundings::take_server_down()
{
    heal();
    plan({.what = fault::reset, .where = stage::now});
    plan({.what = fault::refuse});
}

void surroundings::heal()
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

void surroundings::plan(const test::incident& incident)
{
    network_.plan(incident);
    planned_ = true;
}

/// Makes everybody wait who opens one of the files. A file that is open at the moment is left out.
void surroundings::hang_files()
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

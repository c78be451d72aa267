//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "cyclos-images/transfer_rate.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace {

constexpr double megabyte = 1e6;

/// A transfer that is sampled ten times a second.
class transfer
{
public:
    void go_on(double bytes_per_second, std::chrono::milliseconds time)
    {
        for (auto passed = 0ms; passed < time; passed += 100ms) {
            now_ += 100ms;
            bytes_ += static_cast<std::uint64_t>(bytes_per_second / 10);
            rate.sample(bytes_, now_);
        }
    }

private:
    tool::transfer_rate::clock::time_point now_{};
    std::uint64_t bytes_ = 0;

public:
    tool::transfer_rate rate{now_};
};

} // namespace

TEST_CASE("tool transfer rate: the rate of a steady transfer is known at once")
{
    transfer t;
    CHECK(t.rate.bytes_per_second() == 0);
    t.go_on(megabyte, 100ms);
    CHECK(t.rate.bytes_per_second() == doctest::Approx(megabyte));
    t.go_on(megabyte, 60s);
    CHECK(t.rate.bytes_per_second() == doctest::Approx(megabyte));
}

TEST_CASE("tool transfer rate: a short pause changes the rate little, and a lasting change does "
          "within seconds")
{
    transfer t;
    t.go_on(megabyte, 10s);
    t.go_on(0, 100ms);
    CHECK(t.rate.bytes_per_second() > 0.9 * megabyte);
    t.go_on(megabyte / 10, 10s);
    CHECK(t.rate.bytes_per_second() < 0.2 * megabyte);
    t.go_on(0, 60s);
    CHECK(t.rate.bytes_per_second() < 1);
}

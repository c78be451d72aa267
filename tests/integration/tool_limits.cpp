//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Limits of the tool for concurrent operations, and its output of texts of the server.

#include "integration/support/tool.hpp"

#include <cyclos/sandbox/pictures.hpp>

#include <chrono>
#include <cstdint>

using namespace cyclos::test;
using namespace std::chrono_literals;
namespace sandbox = cyclos::sandbox;

namespace {

/// Creates files, and returns the command that uploads them.
arguments upload_of(const tool& t, std::size_t files)
{
    arguments line{"upload-temp-image"};
    for (std::size_t n = 0; n < files; ++n) {
        line.push_back("picture-" + std::to_string(n) + ".png");
        t.folder().write(line.back(), sandbox::make_picture(20, 10).bytes);
    }
    return line;
}

std::uint64_t connections_of(const arguments& options)
{
    sandbox::server server;
    server.misbehave({.method = "POST", .answer_delay = 300ms});
    const tool t{server};
    arguments line = upload_of(t, 3);
    line.insert(line.begin(), options.begin(), options.end());
    t.result(line);
    return server.statistics().accepted;
}

} // namespace

TEST_CASE("tool: --timeout limits the whole command, and not each operation")
{
    sandbox::server server;
    server.misbehave({.method = "POST", .answer_delay = 700ms});
    const tool t{server};
    // Two rounds of four: each upload fits the timeout, both rounds do not.
    arguments line = upload_of(t, 8);
    line.insert(line.begin(), {"--timeout", "1.2", "--json"});
    const auto late = t.run(line);
    CHECK(late.status != 0);
    CHECK(contains(late.errors, R"("kind":"timeout")"));
}

TEST_CASE("tool: --connections limits the open connections")
{
    CHECK(connections_of({"--connections", "1"}) == 1);
    CHECK(connections_of({}) > 1);
}

TEST_CASE("tool: an error code of the server contains no control characters in the output")
{
    sandbox::server server;
    server.misbehave({.status = 403, .body = R"({"code":"inacc\u001b[2Jessible\u0007"})"});
    const tool t{server};
    const auto line = t.run({"view-image", portrait});
    CHECK(line.status == 3);
    CHECK(contains(line.errors, "inacc"));
    CHECK_FALSE(contains(line.errors, "\x1b"));
    CHECK_FALSE(contains(line.errors, "\x07"));
    CHECK(line.errors.find('\n') == line.errors.size() - 1);
}

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Reverse proxies that are reloaded, stopped and killed under load: the short form of tests/chaos.

#include "chaos/chaos_run.hpp"
#include "test_paths.hpp"

#include <doctest/doctest.h>

#include <ostream>
#include <sstream>

namespace {

using namespace cyclos::chaos;
namespace paths = cyclos::test::paths;

void check(reverse_proxy& server, cyclos::sandbox::server& backend)
{
    server.start();
    const auto report = run_chaos(server, backend, {});
    std::ostringstream text;
    text << report;
    CAPTURE(text.str());
    CHECK(report.good());
    CHECK(report.reloads > 0);
    CHECK(report.restarts > 0);
    CHECK(report.kills > 0);
    CHECK(report.repeated > 0);
    CHECK(report.succeeded() > report.failed());
}

} // namespace

TEST_SUITE("reloads and restarts under load")
{
    TEST_CASE("reloads and restarts under load: no result is wrong behind nginx")
    {
        cyclos::sandbox::server backend{backend_options()};
        check(*make_nginx(paths::nginx, backend.port()), backend);
    }

    TEST_CASE("reloads and restarts under load: no result is wrong behind haproxy")
    {
        cyclos::sandbox::server backend{backend_options()};
        check(*make_haproxy(paths::haproxy, backend.port()), backend);
    }

    TEST_CASE("reloads and restarts under load: no result is wrong behind Apache")
    {
        cyclos::sandbox::server backend{backend_options()};
        check(*make_apache(paths::apache, paths::apache_modules, backend.port()), backend);
    }
}

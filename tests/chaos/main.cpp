//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The chaos test: see run.sh.

#include "chaos/chaos_run.hpp"
#include "test_paths.hpp"

#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace cyclos::chaos;
namespace paths = cyclos::test::paths;

struct named_proxy
{
    std::string name;
    std::function<std::unique_ptr<reverse_proxy>(unsigned short)> make;
};

const std::vector<named_proxy>& proxies()
{
    static const std::vector<named_proxy> all{
        {"nginx", [](unsigned short port) { return make_nginx(paths::nginx, port); }},
        {"haproxy", [](unsigned short port) { return make_haproxy(paths::haproxy, port); }},
        {"apache",
         [](unsigned short port) {
             return make_apache(paths::apache, paths::apache_modules, port);
         }},
    };
    return all;
}

bool run(const named_proxy& chosen, const chaos_options& options)
{
    cyclos::sandbox::server backend{backend_options()};
    const auto server = chosen.make(backend.port());
    server->start();
    std::cout << "===== " << chosen.name << ", " << options.duration.count() / 1000 << " s, "
              << options.concurrency << " operations at a time, seed " << options.seed << std::endl;
    const auto report = run_chaos(*server, backend, options);
    std::cout << report << std::flush;
    return report.good();
}

} // namespace

int main(int argc, char** argv)
{
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    chaos_options options;
    options.duration =
        std::chrono::seconds{!arguments.empty() ? std::atoi(arguments[0].c_str()) : 60};
    options.between = std::chrono::milliseconds{1500};
    options.seed = arguments.size() > 1 ? std::strtoull(arguments[1].c_str(), nullptr, 10) : 1;
    bool good = true;
    try {
        for (const auto& each : proxies()) {
            if (arguments.size() < 3 || arguments[2] == each.name) {
                good = run(each, options) && good;
            }
        }
    }
    catch (const std::exception& failure) {
        std::cerr << "chaos: " << failure.what() << '\n';
        return 2;
    }
    std::cout << (good ? "No result was wrong, and each failure is explained.\n" : "FAILED\n");
    return good ? 0 : 1;
}

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The certificate authorities of the system, which all clients of the process share.

#include "integration/support/freed_memory.hpp"
#include "integration/support/integration_test.hpp"
#include "integration/support/temporary_directory.hpp"

#include <cyclos/sandbox/certificates.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <sys/inotify.h>
#include <unistd.h>

namespace {

using namespace cyclos::test;

/// A certificate file that replaces the system's for the lifetime of this object.
class system_file
{
public:
    explicit system_file(const std::string& pem)
        : path_(directory_.write("authorities.pem", pem))
    {
        ::setenv("SSL_CERT_FILE", path_.c_str(), 1);
    }

    system_file(const system_file&) = delete;
    system_file& operator=(const system_file&) = delete;
    ~system_file() { ::unsetenv("SSL_CERT_FILE"); }

    const std::filesystem::path& path() const { return path_; }
    void replace(const std::string& pem) { directory_.write("authorities.pem", pem); }

private:
    temporary_directory directory_;
    std::filesystem::path path_;
};

/// Counts how often a file is opened.
class open_counter
{
public:
    explicit open_counter(const std::filesystem::path& file)
    {
        REQUIRE(descriptor_ >= 0);
        REQUIRE(::inotify_add_watch(descriptor_, file.c_str(), IN_OPEN) >= 0);
    }

    open_counter(const open_counter&) = delete;
    open_counter& operator=(const open_counter&) = delete;
    ~open_counter() { ::close(descriptor_); }

    /// The number since the last call.
    std::size_t count() const
    {
        // Without a name, all events have the same size.
        std::vector<inotify_event> events(100);
        const auto bytes = ::read(descriptor_, events.data(), events.size() * sizeof events[0]);
        // The kernel merges identical events in a row.
        return bytes < 0 ? 0 : static_cast<std::size_t>(bytes) / sizeof events[0];
    }

private:
    int descriptor_ = ::inotify_init1(IN_NONBLOCK);
};

/// Trusts the authorities of the system only.
void system_only(cyclos::config& c)
{
    c.tls.ca_file.clear();
    c.tls.use_system_ca = true;
}

bool is_trusted(client_session& session)
{
    return session.attempt(session.images.view_image(fixture::portrait)).has_value();
}

} // namespace

TEST_SUITE("system authorities")
{
    TEST_CASE("system authorities: they are read once for all clients of the process")
    {
        const cyclos::sandbox::server server;
        const system_file file{server.ca_pem()};
        const open_counter opened{file.path()};
        client_session first{config_for(server, demo(), system_only)};
        CHECK(opened.count() > 0);
        client_session second{config_for(server, demo(), system_only)};
        client_session with_another{config_for(server, demo(), [](cyclos::config& c) {
            c.tls.ca_file.clear();
            c.tls.ca_pem = cyclos::sandbox::authority{}.ca_pem();
            c.tls.use_system_ca = true;
        })};
        CHECK(opened.count() == 0);
        CHECK(is_trusted(first));
        CHECK(is_trusted(second));
        CHECK(is_trusted(with_another));
        CHECK(opened.count() == 0);
    }

    TEST_CASE("system authorities: a second client needs less than 64 KiB")
    {
        if (!freed_memory::available) {
            return;
        }
        std::string many;
        for (int n = 0; n < 150; ++n) { // as many as a typical system has
            many += cyclos::sandbox::authority{"authority " + std::to_string(n)}.ca_pem();
        }
        const system_file file{many};
        const std::string own = cyclos::sandbox::authority{}.ca_pem();
        asio::io_context context;
        cyclos::config settings{"https://example.org/api"};
        long long first_growth = 0;
        {
            const freed_memory heap{{}};
            const cyclos::client first{context, settings};
            first_growth = heap.growth();
        }
        for (const std::string& pem : {std::string{}, own}) {
            settings.tls.ca_pem = pem;
            const freed_memory heap{{}};
            const cyclos::client second{context, settings};
            MESSAGE("the first client: ", first_growth, " bytes, another: ", heap.growth());
            CHECK(heap.growth() > 0);
            CHECK(heap.growth() <= 64 * 1024);
        }
        CHECK(first_growth > 200 * 1024);
    }

    TEST_CASE(
        "system authorities: they are read again by the next client if their file has changed")
    {
        const cyclos::sandbox::server server;
        system_file file{server.ca_pem()};
        client_session before{config_for(server, demo(), system_only)};
        // Another size, since the clock of the file system may not have advanced.
        file.replace("another authority\n" + cyclos::sandbox::authority{}.ca_pem());
        client_session after{config_for(server, demo(), system_only)};
        CHECK(is_trusted(before));
        CHECK_FALSE(is_trusted(after));
        file.replace(server.ca_pem());
        client_session last{config_for(server, demo(), system_only)};
        CHECK(is_trusted(last));
        CHECK_FALSE(is_trusted(after));
    }

    TEST_CASE(
        "system authorities: those that one client trusts in addition are not trusted by others")
    {
        const cyclos::sandbox::server server;
        const system_file file{cyclos::sandbox::authority{}.ca_pem()};
        client_session before{config_for(server, demo(), system_only)};
        for (const bool as_text : {false, true}) {
            client_session with_another{config_for(server, demo(), [&](cyclos::config& c) {
                c.tls.use_system_ca = true;
                if (as_text) {
                    c.tls.ca_file.clear();
                    c.tls.ca_pem = server.ca_pem();
                }
            })};
            client_session after{config_for(server, demo(), system_only)};
            CHECK(is_trusted(with_another));
            CHECK_FALSE(is_trusted(before));
            CHECK_FALSE(is_trusted(after));
        }
    }

    TEST_CASE("system authorities: clients may be constructed and verify on several threads")
    {
        const cyclos::sandbox::server server;
        const system_file file{server.ca_pem()};
        std::vector<char> trusted(4, 0);
        std::vector<std::thread> threads;
        for (char& each : trusted) {
            threads.emplace_back([&] {
                bool all = true;
                for (int n = 0; n < 5; ++n) {
                    client_session session{config_for(server, demo(), system_only)};
                    all = is_trusted(session) && all;
                }
                each = all ? 1 : 0;
            });
        }
        for (auto& each : threads) {
            each.join();
        }
        CHECK(trusted == std::vector<char>(4, 1));
    }
}

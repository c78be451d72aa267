//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Files of every size arrive unchanged, from every kind of source.

#include "integration/support/integration_test.hpp"
#include "integration/support/pattern_source.hpp"
#include "integration/support/temporary_directory.hpp"

#include <span>
#include <string>
#include <vector>

namespace {

using namespace cyclos::test;

const std::vector<std::size_t> sizes{0,       1,       2,        4095,    4096,    4097,
                                     12'287,  12'288,  12'289,   16'383,  16'384,  16'385,
                                     131'071, 131'072, 131'073,  262'143, 262'144, 262'145,
                                     524'288, 524'289, 1'000'003};

/// Uploads, and checks the stored image.
void check_upload(sandbox_session& session, cyclos::source content, std::size_t size)
{
    const auto stored = session.run(session.images.upload_temp_image(std::move(content)));
    const auto kept = session.server.store().find_image(stored.id);
    REQUIRE(kept);
    CHECK(kept->content.size() == size);
    CHECK(kept->sha256 == sha256(pattern(size)));
    const auto request = session.last_request();
    CHECK(request.body_complete);
}

} // namespace

TEST_SUITE("uploads")
{
    TEST_CASE(
        "uploads: every size arrives unchanged, from every kind of source, over one connection")
    {
        for (const bool tls : {true, false}) {
            sandbox_session session{{.tls = tls}};
            const temporary_directory directory;
            for (const std::size_t size : sizes) {
                CAPTURE(size);
                const std::string bytes = pattern(size);
                check_upload(session, memory_source{bytes, "m", "image/png"}, size);
                check_upload(session,
                             memory_source{std::as_bytes(std::span{bytes}), "m", "image/png"},
                             size);
                check_upload(session, file_source{directory.write("f", bytes), "f", "image/png"},
                             size);
                check_upload(session, pattern_source{size}, size);
                pattern_source unknown{size};
                unknown.announced_length.reset();
                check_upload(session, std::move(unknown), size);
            }
            CHECK(session.server.statistics().accepted == 1);
        }
    }

    TEST_CASE("uploads: sources that return small pieces arrive unchanged")
    {
        sandbox_session session;
        for (const bool known : {true, false}) {
            for (const std::size_t at_once : {1U, 1000U, 131'072U}) {
                pattern_source source{300'001};
                source.max_read_size = at_once;
                if (!known) {
                    source.announced_length.reset();
                }
                check_upload(session, std::move(source), 300'001);
            }
        }
    }

    TEST_CASE("uploads: a missing media type is detected from the first bytes")
    {
        sandbox_session session;
        using namespace std::string_literals;
        const std::vector<std::pair<std::string, std::string>> samples{
            {"\x89PNG\r\n\x1a\n..."s, "image/png"},
            {"\xff\xd8\xff\xe0..."s, "image/jpeg"},
            {"GIF89a..."s, "image/gif"}};
        for (const auto& [bytes, type] : samples) {
            const auto stored = session.run(session.images.upload_temp_image(memory_source{bytes}));
            CHECK(session.server.store().find_image(stored.id)->declared_type == type);
        }
        const auto unknown =
            session.attempt(session.images.upload_temp_image(memory_source{"something else"s}));
        CHECK(unknown.as<cyclos::invalid_input>() != nullptr);
    }

    TEST_CASE("uploads: concurrent uploads arrive unchanged")
    {
        sandbox_session session{{}, [](cyclos::config& c) { c.pool.max_connections = 5; }};
        std::vector<std::future<cyclos::uploaded_image>> uploads;
        for (std::size_t i = 0; i < 30; ++i) {
            uploads.push_back(
                session.start(session.images.upload_temp_image(pattern_source{i * 10'000})));
        }
        for (std::size_t i = 0; i < 30; ++i) {
            const auto stored = session.get(std::move(uploads[i]));
            CHECK(session.server.store().find_image(stored.id)->sha256 ==
                  sha256(pattern(i * 10'000)));
        }
        CHECK(session.server.statistics().accepted <= 5);
    }

    TEST_CASE("uploads: 64 MiB arrive unchanged, with known and unknown length")
    {
        constexpr std::uint64_t size = 64U << 20U;
        sandbox_session session;
        for (const bool known : {true, false}) {
            pattern_source source{size};
            if (!known) {
                source.announced_length.reset();
            }
            check_upload(session, std::move(source), size);
        }
    }
}

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/temporary_directory.hpp"

#include <cyclos/detail/new_file.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using cyclos::detail::new_file;
using cyclos::test::temporary_directory;

namespace {

std::string content_of(const std::filesystem::path& file)
{
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

std::size_t files_in(const temporary_directory& directory)
{
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{directory.path()}, {}));
}

/// Writes a file, and gives the error of the first step that failed.
boost::system::error_code save(const std::filesystem::path& target, bool overwrite)
{
    new_file file{target};
    boost::system::error_code ec;
    file.open(overwrite, ec);
    if (!ec) {
        file.write("new", ec);
    }
    if (!ec) {
        file.commit(overwrite, false, ec);
    }
    return ec;
}

} // namespace

TEST_SUITE("new_file")
{
    TEST_CASE("is there once it is committed, and not before")
    {
        const temporary_directory directory;
        const auto target = directory / "target";
        for (const bool overwrite : {true, false}) {
            {
                new_file file{target};
                CHECK(file.target() == target);
                boost::system::error_code ec;
                file.open(overwrite, ec);
                REQUIRE(!ec);
                file.write("some", ec);
                file.write(" text", ec);
                file.write("", ec);
                REQUIRE(!ec);
                CHECK_FALSE(std::filesystem::exists(target));
                CHECK(files_in(directory) == 1);
                file.commit(overwrite, false, ec);
                CHECK(!ec);
                CHECK(content_of(target) == "some text");
                CHECK(files_in(directory) == 1);
            }
            CHECK(content_of(target) == "some text");
            std::filesystem::remove(target);
        }
    }

    TEST_CASE("has any name that a path can have")
    {
        const temporary_directory directory;
        const auto target = directory / std::filesystem::path{u8"möbius 猫.png"};
        for (const bool overwrite : {false, true}) {
            CHECK_FALSE(save(target, overwrite));
            CHECK(content_of(target) == "new");
        }
        CHECK(save(target, false) == boost::system::errc::file_exists);
        CHECK(files_in(directory) == 1);
    }

    TEST_CASE("is on the disk if that was asked for")
    {
        const temporary_directory directory;
        new_file file{directory / "target"};
        boost::system::error_code ec;
        file.open(true, ec);
        file.write("new", ec);
        REQUIRE(!ec);
        file.commit(true, true, ec);
        CHECK(!ec);
        CHECK(content_of(directory / "target") == "new");
    }

    TEST_CASE("leaves nothing where it is not committed")
    {
        const temporary_directory directory;
        {
            new_file file{directory / "target"};
            boost::system::error_code ec;
            file.open(true, ec);
            file.write("some", ec);
            REQUIRE(!ec);
        }
        CHECK(files_in(directory) == 0);
    }

    TEST_CASE("does nothing until it is opened")
    {
        const temporary_directory directory;
        {
            const new_file file{directory / "target"};
        }
        CHECK(files_in(directory) == 0);
    }

    TEST_CASE("replaces a target where it may")
    {
        const temporary_directory directory;
        const auto target = directory.write("target", "old");
        CHECK_FALSE(save(target, true));
        CHECK(content_of(target) == "new");
        CHECK(files_in(directory) == 1);
    }

    TEST_CASE("leaves a target alone where it may not replace it")
    {
        const temporary_directory directory;
        const auto target = directory.write("target", "old");
        CHECK(save(target, false) == boost::system::errc::file_exists);
        CHECK(content_of(target) == "old");
        CHECK(files_in(directory) == 1);
    }

    TEST_CASE("also a target that came while it was written")
    {
        const temporary_directory directory;
        {
            new_file file{directory / "target"};
            boost::system::error_code ec;
            file.open(false, ec);
            file.write("new", ec);
            REQUIRE(!ec);
            directory.write("target", "of somebody else");
            file.commit(false, false, ec);
            CHECK(ec == boost::system::errc::file_exists);
        }
        CHECK(content_of(directory / "target") == "of somebody else");
        CHECK(files_in(directory) == 1);
    }

    TEST_CASE("two at the same time do not get in each other's way")
    {
        const temporary_directory directory;
        new_file one{directory / "target"};
        new_file other{directory / "target"};
        boost::system::error_code ec;
        one.open(true, ec);
        other.open(true, ec);
        one.write("one", ec);
        other.write("other", ec);
        one.commit(true, false, ec);
        REQUIRE(!ec);
        CHECK(content_of(directory / "target") == "one");
        other.commit(true, false, ec);
        REQUIRE(!ec);
        CHECK(content_of(directory / "target") == "other");
        CHECK(files_in(directory) == 1);
    }

    TEST_CASE("says what is in its way")
    {
        const temporary_directory directory;
        CHECK(save(directory / "no" / "folder" / "target", true) == boost::system::errc::no_such_file_or_directory);
        CHECK(save(directory.path(), true) == boost::system::errc::is_a_directory);
        CHECK(save(directory.path(), false));
        CHECK(files_in(directory) == 0);
    }
}

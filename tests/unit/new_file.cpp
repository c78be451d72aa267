//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/temporary_directory.hpp"

#include <cyclos/detail/new_file.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#if !defined(_WIN32)
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

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

#if !defined(_WIN32)
::mode_t mode_of(const std::filesystem::path& file)
{
    struct ::stat status{};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}
#endif

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

#if !defined(_WIN32) // which has neither modes, nor these files, nor fork()
    TEST_CASE("an existing file keeps its mode, and a new one has what the umask leaves")
    {
        const temporary_directory directory;
        const auto target = directory.write("target", "old");
        for (const ::mode_t mode : {0600U, 0644U, 0666U, 0755U, 0444U}) {
            REQUIRE(::chmod(target.c_str(), mode) == 0);
            CHECK_FALSE(save(target, true));
            CHECK(mode_of(target) == mode);
        }
        const ::mode_t before = ::umask(0027);
        CHECK_FALSE(save(directory / "one", true));
        ::umask(0);
        CHECK_FALSE(save(directory / "other", false));
        ::umask(before);
        CHECK(mode_of(directory / "one") == 0640);
        CHECK(mode_of(directory / "other") == 0666);
    }

    TEST_CASE("an existing file keeps its owner, as far as that is allowed")
    {
        const temporary_directory directory;
        const auto target = directory.write("target", "old");
        if (::geteuid() == 0) {
            REQUIRE(::chown(target.c_str(), 1234, 5678) == 0);
            REQUIRE(::chmod(target.c_str(), 04750) == 0);
        }
        struct ::stat before{};
        struct ::stat after{};
        REQUIRE(::stat(target.c_str(), &before) == 0);
        CHECK_FALSE(save(target, true));
        REQUIRE(::stat(target.c_str(), &after) == 0);
        CHECK(after.st_uid == before.st_uid);
        CHECK(after.st_gid == before.st_gid);
        CHECK(after.st_mode == before.st_mode);
        CHECK(after.st_ino != before.st_ino);
    }

    TEST_CASE("a symbolic link is followed, also one that leads to nothing yet")
    {
        const temporary_directory directory;
        std::filesystem::create_directory(directory / "folder");
        const auto target = directory.write("folder/target", "old");
        std::filesystem::create_symlink("folder/target", directory / "inner");
        std::filesystem::create_symlink(directory / "inner", directory / "outer");
        std::filesystem::create_symlink("folder/new", directory / "dangling");
        std::filesystem::create_symlink("round", directory / "round");
        CHECK_FALSE(save(directory / "outer", true));
        CHECK(content_of(target) == "new");
        CHECK_FALSE(save(directory / "dangling", false));
        CHECK(content_of(directory / "folder" / "new") == "new");
        for (const auto* link : {"inner", "outer", "dangling"}) {
            CHECK(std::filesystem::is_symlink(directory / link));
        }
        CHECK(save(directory / "dangling", false) == boost::system::errc::file_exists);
        CHECK(save(directory / "round", true) == boost::system::errc::too_many_symbolic_link_levels);
    }

    TEST_CASE("any name works that the system takes")
    {
        const temporary_directory directory;
        for (const std::size_t length : {1U, 233U, 234U, 254U, 255U}) {
            for (const bool overwrite : {false, true}) {
                CHECK_FALSE(save(directory / std::string(length, 'x'), overwrite));
            }
        }
        CHECK(save(directory / std::string(256, 'x'), true) == boost::system::errc::filename_too_long);
        CHECK(files_in(directory) == 5);
    }

    TEST_CASE("a device is written to, and stays one")
    {
        CHECK_FALSE(save("/dev/null", true));
        CHECK_FALSE(save("/dev/null", false));
        CHECK(std::filesystem::is_character_file("/dev/null"));
        CHECK(save("/dev/full", true) == boost::system::errc::no_space_on_device);
    }

    TEST_CASE("a socket is not")
    {
        const temporary_directory directory;
        boost::asio::io_context context;
        const boost::asio::local::stream_protocol::acceptor acceptor{
            context, boost::asio::local::stream_protocol::endpoint{(directory / "socket").string()}};
        CHECK(save(directory / "socket", true) == boost::system::errc::operation_not_supported);
        CHECK(std::filesystem::is_socket(directory / "socket"));
    }

    TEST_CASE("can be checked for without leaving anything")
    {
        const temporary_directory directory;
        const auto existing = directory.write("existing", "old");
        const auto check = [](const std::filesystem::path& target, bool overwrite) {
            boost::system::error_code ec;
            new_file{target}.check(overwrite, ec);
            return ec;
        };
        CHECK_FALSE(check(directory / "new", false));
        CHECK_FALSE(check(existing, true));
        CHECK_FALSE(check("/dev/null", false));
        CHECK(check(existing, false) == boost::system::errc::file_exists);
        CHECK(check(directory / "no" / "folder", true) == boost::system::errc::no_such_file_or_directory);
        CHECK(files_in(directory) == 1);
    }

    TEST_CASE("a child of the process leaves it alone")
    {
        const temporary_directory directory;
        new_file file{directory / "target"};
        boost::system::error_code ec;
        file.open(true, ec);
        file.write("new", ec);
        REQUIRE(!ec);
        const ::pid_t child = ::fork();
        if (child == 0) {
            file.discard();
            ::_exit(0);
        }
        REQUIRE(::waitpid(child, nullptr, 0) == child);
        file.commit(true, true, ec);
        CHECK(!ec);
        CHECK(content_of(directory / "target") == "new");
    }
#endif
}

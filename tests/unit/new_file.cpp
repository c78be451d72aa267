//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/temporary_directory.hpp"

#include <cyclos/detail/base/file_reader.hpp>
#include <cyclos/detail/base/new_file.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#if !defined(_WIN32)
#include <cerrno>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#if defined(__linux__)
#include <sys/syscall.h>
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
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator{directory.path()}, {}));
}

#if !defined(_WIN32)
::mode_t mode_of(const std::filesystem::path& file)
{
    struct ::stat status{};
    REQUIRE(::stat(file.c_str(), &status) == 0);
    return status.st_mode & 07777U;
}
#endif

#if defined(__linux__)
// The calls of fsync() below.
std::atomic<int> flushed_files = 0;
std::atomic<int> flushed_folders = 0;
std::atomic<bool> folders_fail = false;

std::string text_at(const std::filesystem::path& path)
{
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

// The content of a file when it and its folder were flushed.
std::filesystem::path watched;
std::string when_file_flushed;
std::string when_folder_flushed;
#endif

/// Writes a file, and returns the error of the first failed step.
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

#if defined(__linux__)
/// Replaces the function of the system in the whole program. Durability after a power failure
/// cannot be tested otherwise.
extern "C" int fsync(int handle)
{
    struct ::stat status{};
    if (::fstat(handle, &status) != 0) {
        return -1;
    }
    if (S_ISDIR(status.st_mode)) {
        ++flushed_folders;
        when_folder_flushed = text_at(watched);
        if (folders_fail) {
            errno = EIO;
            return -1;
        }
    }
    else {
        ++flushed_files;
        when_file_flushed = text_at(watched);
    }
    return static_cast<int>(::syscall(SYS_fsync, handle));
}
#endif

TEST_SUITE("new_file")
{
    TEST_CASE("new_file: the target exists after the commit, and not before")
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

    TEST_CASE("new_file: any file name is possible")
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

    TEST_CASE("new_file: a durable commit succeeds")
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

#if defined(__linux__)
    TEST_CASE(
        "new_file: a durable commit flushes the file before the rename, and the folder after it")
    {
        const temporary_directory directory;
        watched = directory.write("target", "old");
        for (const bool sync : {false, true}) {
            new_file file{watched};
            boost::system::error_code ec;
            file.open(true, ec);
            file.write(sync ? "newer" : "new", ec);
            REQUIRE(!ec);
            const int files = flushed_files;
            const int folders = flushed_folders;
            file.commit(true, sync, ec);
            CHECK(!ec);
            CHECK(flushed_files - files == (sync ? 1 : 0));
            CHECK(flushed_folders - folders == (sync ? 1 : 0));
        }
        CHECK(when_file_flushed == "new"); // before the rename
        CHECK(when_folder_flushed == "newer");
    }

    TEST_CASE("new_file: if only the folder cannot be flushed, the file is in place and the error "
              "is reported")
    {
        const temporary_directory directory;
        const auto target = directory.write("target", "old");
        new_file file{target};
        boost::system::error_code ec;
        file.open(true, ec);
        file.write("new", ec);
        REQUIRE(!ec);
        CHECK_FALSE(file.in_place());
        folders_fail = true;
        file.commit(true, true, ec);
        folders_fail = false;
        CHECK(ec == boost::system::errc::io_error);
        CHECK(file.in_place());
        file.discard();
        CHECK(content_of(target) == "new");
        CHECK(files_in(directory) == 1);
    }
#endif

    TEST_CASE("new_file: without a commit no file is left")
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

    TEST_CASE("new_file: without open() no file is created")
    {
        const temporary_directory directory;
        {
            const new_file file{directory / "target"};
        }
        CHECK(files_in(directory) == 0);
    }

    TEST_CASE("new_file: an existing target is replaced if overwrite is set")
    {
        const temporary_directory directory;
        const auto target = directory.write("target", "old");
        CHECK_FALSE(save(target, true));
        CHECK(content_of(target) == "new");
        CHECK(files_in(directory) == 1);
    }

    TEST_CASE("new_file: an existing target is kept if overwrite is not set")
    {
        const temporary_directory directory;
        const auto target = directory.write("target", "old");
        CHECK(save(target, false) == boost::system::errc::file_exists);
        CHECK(content_of(target) == "old");
        CHECK(files_in(directory) == 1);
    }

    TEST_CASE("new_file: a target that is created meanwhile is kept if overwrite is not set")
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

    TEST_CASE("new_file: two files for one target do not disturb each other")
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

    TEST_CASE("new_file: the error code tells why the target cannot be created")
    {
        const temporary_directory directory;
        CHECK(save(directory / "no" / "folder" / "target", true) ==
              boost::system::errc::no_such_file_or_directory);
        CHECK(save(directory.path(), true) == boost::system::errc::is_a_directory);
        CHECK(save(directory.path(), false));
        CHECK(files_in(directory) == 0);
    }

#if !defined(_WIN32) // which has no modes, no such files and no fork()
    TEST_CASE("new_file: a replaced file keeps its mode, and a new one gets the mode of the umask")
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

    TEST_CASE("new_file: a replaced file keeps its owner, as far as that is permitted")
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

    TEST_CASE(
        "new_file: if the group cannot be kept, the new group gets no permissions of the old one")
    {
        if (::geteuid() != 0) {
            return; // other users have no files of another group
        }
        const temporary_directory directory;
        constexpr ::uid_t nobody = 65534;
        const auto target = directory.write("target", "old");
        REQUIRE(::chown(directory.path().c_str(), nobody, nobody) == 0);
        REQUIRE(::chown(target.c_str(), nobody, 5678) == 0);
        REQUIRE(::chmod(target.c_str(), 02664) == 0);
        const ::pid_t child = ::fork();
        if (child == 0) {
            const bool is_nobody =
                ::setgroups(0, nullptr) == 0 && ::setgid(nobody) == 0 && ::setuid(nobody) == 0;
            ::_exit(is_nobody && !save(target, true) ? 0 : 1);
        }
        int status = -1;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(status == 0);
        CHECK(content_of(target) == "new");
        CHECK(mode_of(target) == 0604);
    }

    TEST_CASE(
        "new_file: errors of the system have the generic category and the number of the system")
    {
        const temporary_directory directory;
        const auto name = directory / std::string(256, 'x');
        boost::system::error_code ec;
        cyclos::detail::file_reader::check(name, ec);
        CHECK(ec == boost::system::error_code{ENAMETOOLONG, boost::system::generic_category()});
        CHECK(save(name, true) ==
              boost::system::error_code{ENAMETOOLONG, boost::system::generic_category()});

        cyclos::detail::file_reader reader;
        reader.open(directory / "missing", ec);
        CHECK(ec.value() == ENOENT);
        if (::geteuid() == 0) { // root may search any folder
            REQUIRE(::chmod(directory.path().c_str(), 0700) == 0);
            const ::pid_t child = ::fork();
            if (child == 0) {
                boost::system::error_code refused;
                const bool is_nobody = ::setuid(65534) == 0;
                cyclos::detail::file_reader::check(directory / "file", refused);
                ::_exit(is_nobody && refused.value() == EACCES &&
                                save(directory / "file", true).value() == EACCES
                            ? 0
                            : 1);
            }
            int status = -1;
            REQUIRE(::waitpid(child, &status, 0) == child);
            CHECK(status == 0);
        }
    }

    TEST_CASE("new_file: symbolic links are followed, also to a target that does not exist yet")
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
        CHECK(save(directory / "round", true) ==
              boost::system::errc::too_many_symbolic_link_levels);
    }

    TEST_CASE("new_file: every file name that the system accepts is possible")
    {
        const temporary_directory directory;
        for (const std::size_t length : {1U, 233U, 234U, 254U, 255U}) {
            for (const bool overwrite : {false, true}) {
                CHECK_FALSE(save(directory / std::string(length, 'x'), overwrite));
            }
        }
        CHECK(save(directory / std::string(256, 'x'), true) ==
              boost::system::errc::filename_too_long);
        CHECK(files_in(directory) == 5);
    }

    TEST_CASE("new_file: a device is written to, and is not replaced")
    {
        CHECK_FALSE(save("/dev/null", true));
        CHECK_FALSE(save("/dev/null", false));
        CHECK(std::filesystem::is_character_file("/dev/null"));
        CHECK(save("/dev/full", true) == boost::system::errc::no_space_on_device);
    }

    TEST_CASE("new_file: a socket is rejected and kept")
    {
        const temporary_directory directory;
        boost::asio::io_context context;
        const boost::asio::local::stream_protocol::acceptor acceptor{
            context,
            boost::asio::local::stream_protocol::endpoint{(directory / "socket").string()}};
        CHECK(save(directory / "socket", true) == boost::system::errc::operation_not_supported);
        CHECK(std::filesystem::is_socket(directory / "socket"));
    }

    TEST_CASE("new_file: check() tests the target, and leaves no file")
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
        CHECK(check(directory / "no" / "folder", true) ==
              boost::system::errc::no_such_file_or_directory);
        CHECK(files_in(directory) == 1);
    }

    TEST_CASE("new_file: a child process that discards its copy leaves the file of the parent")
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

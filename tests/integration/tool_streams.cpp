//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Input and output of the tool: standard streams, devices, and a file that another program creates.

#include "integration/support/await.hpp"
#include "integration/support/tool.hpp"

#include <cyclos/sandbox/pictures.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace cyclos::test;
using namespace std::chrono_literals;
namespace sandbox = cyclos::sandbox;

namespace {

/// Runs the tool as "$@" of a shell script.
process_options in_shell(const tool& t, const std::string& script, const arguments& line)
{
    process_options options = t.process(line);
    options.command.insert(options.command.begin(), {"sh", "-c", script, "sh"});
    return options;
}

outcome run_in_shell(const tool& t, const std::string& script, const arguments& line)
{
    child_process child{in_shell(t, script, line)};
    child.write(sandbox::make_picture(20, 10).bytes);
    child.close_input();
    const auto end = child.wait();
    REQUIRE(end.status);
    return {*end.status, child.output(), child.errors()};
}

/// The flags of an open file in the text of /proc/self/fdinfo.
int flags_in(const std::string& text)
{
    std::istringstream words{text};
    std::string word;
    while (words >> word && word != "flags:") {
    }
    int flags = -1;
    words >> std::oct >> flags;
    REQUIRE(flags >= 0);
    return flags;
}

/// Whether a process has a file of the folder open, even without a name.
bool has_file_open(const child_process& process, const std::filesystem::path& folder)
{
    for (const auto& entry :
         std::filesystem::directory_iterator{"/proc/" + std::to_string(process.id()) + "/fd"}) {
        std::error_code closed;
        if (std::filesystem::read_symlink(entry, closed)
                .string()
                .starts_with(folder.string() + '/')) {
            return true;
        }
    }
    return false;
}

std::string content_of(const std::filesystem::path& file)
{
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

} // namespace

TEST_CASE("tool: standard streams are blocking again after it has ended")
{
    const sandbox::server server;
    const tool t{server};
    // The shell and its children share the open files of the streams.
    const auto out = run_in_shell(t, R"("$@"; cat /proc/self/fdinfo/1 >&2)",
                                  {"get-image-content", portrait, "-o", "-"});
    CHECK_FALSE(out.output.empty());
    CHECK((flags_in(out.errors) & O_NONBLOCK) == 0);

    const auto in =
        run_in_shell(t, R"("$@" >&2; cat /proc/self/fdinfo/0)", {"upload-user-image", "self", "-"});
    CHECK_FALSE(in.errors.empty());
    CHECK((flags_in(in.output) & O_NONBLOCK) == 0);
}

TEST_CASE("tool: a full standard output is a failure")
{
    const sandbox::server server;
    const tool t{server};
    for (const arguments& line :
         {arguments{"view-image", portrait}, {"get-image-content", portrait, "-o", "-"}}) {
        const auto full = run_in_shell(t, R"("$@" >/dev/full)", line);
        CHECK(full.status == 4);
        CHECK(contains(full.errors, "cannot be written"));
    }
}

TEST_CASE("tool: a content is written to a device")
{
    const sandbox::server server;
    const tool t{server};
    CHECK(t.result({"get-image-content", portrait, "-o", "/dev/null"}).at("file") == "/dev/null");
    CHECK(std::filesystem::is_character_file("/dev/null"));
    CHECK(t.files().empty());

    const auto full = t.run({"get-image-content", portrait, "-o", "/dev/full"});
    CHECK(full.status == 4);
    CHECK(contains(full.errors, "cannot write /dev/full"));
    CHECK(std::filesystem::is_character_file("/dev/full"));
}

TEST_CASE("tool: a content is written to a named pipe")
{
    sandbox::server server;
    const tool t{server};
    const auto pipe = t.folder() / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const descriptor reader{::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    REQUIRE(reader);
    CHECK(t.run({"get-image-content", portrait, "-o", "pipe"}).status == 0);
    std::string received(64 * 1024, '\0'); // the capacity of a pipe
    received.resize(static_cast<std::size_t>(
        (std::max)(::read(reader.get(), received.data(), received.size()), ::ssize_t{0})));
    CHECK(received == server.store().find_image(portrait)->content.kept());
    CHECK(std::filesystem::is_fifo(pipe));
}

TEST_CASE("tool: /dev/stdout is replaced or appended to as the shell opened it")
{
    sandbox::server server;
    const tool t{server};
    const auto whole = server.store().find_image(portrait)->content.kept();
    const arguments line{"get-image-content", portrait, "-o", "/dev/stdout"};
    CHECK(run_in_shell(t, R"("$@" >out)", line).status == 0);
    CHECK(content_of(t.folder() / "out") == whole);
    t.folder().write("out", "before ");
    CHECK(run_in_shell(t, R"("$@" >>out)", line).status == 0);
    CHECK(content_of(t.folder() / "out") == "before " + std::string{whole});
    CHECK(t.files() == std::vector<std::string>{"out"});
}

TEST_CASE("tool: no signal during a download leaves a file")
{
    sandbox::server server;
    server.store().add_image({.id = "42", .content = sandbox::content::synthetic(1 << 20)});
    for (const int signal :
         {SIGINT, SIGTERM, SIGHUP, SIGINT, SIGINT, SIGINT}) { // also while the target is checked
        server.misbehave({.target = "/images/content/42",
                          .stop_after = 500'000,
                          .stopped = sandbox::ending::hang});
        const tool t{server};
        child_process child{t.process({"get-image-content", "42", "-o", "picture.png"})};
        await("the tool has a file open", [&] { return has_file_open(child, t.folder().path()); });
        child.send_signal(signal);
        CHECK(child.wait().signal == signal);
        CHECK(t.files().empty());
    }
}

TEST_CASE("tool: a second signal ends it at once")
{
    sandbox::server server;
    server.misbehave({.instead = sandbox::ending::hang});
    const tool t{server};
    const auto full = t.folder() / "full";
    REQUIRE(::mkfifo(full.c_str(), 0600) == 0);
    const descriptor reader{::open(full.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)};
    REQUIRE(reader);
    while (::write(reader.get(), "x", 1) == 1) {
    }
    process_options options = t.process({"view-image", portrait});
    options.command.insert(options.command.begin(), {"sh", "-c", "exec \"$0\" \"$@\" 2>full"});
    child_process child{options};
    await("the request is on its way", [&] { return server.statistics().requests == 1; });
    child.send_signal(SIGINT);
    await("the tool has given it up", [&] { return server.statistics().open == 0; });
    child.send_signal(SIGTERM);
    CHECK(child.wait().signal == SIGTERM);
}

TEST_CASE("tool: a file that another program creates meanwhile is not replaced")
{
    sandbox::server server;
    server.misbehave({.target = "/images/content/", .pause_after = 300, .pause = 2000ms});
    const tool t{server};
    child_process child{t.process({"get-image-content", portrait, "-o", "picture.png"})};
    await("the tool has a file open", [&] { return has_file_open(child, t.folder().path()); });
    t.folder().write("picture.png", "of somebody else");
    CHECK(child.wait().status != 0);
    CHECK(contains(child.errors(), "picture.png"));
    CHECK(content_of(t.folder() / "picture.png") == "of somebody else");
    CHECK(t.files() == std::vector<std::string>{"picture.png"});
}

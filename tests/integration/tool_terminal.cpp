//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The tool in a terminal.

#include "integration/support/await.hpp"
#include "integration/support/sanitized.hpp"
#include "integration/support/screen.hpp"
#include "integration/support/tool.hpp"

#include <cyclos/sandbox/pictures.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <list>

using namespace cyclos::test;
using namespace std::chrono_literals;
namespace sandbox = cyclos::sandbox;

namespace {

using lines = std::vector<std::string>;

// Longer than the minimum duration of a progress bar.
constexpr auto slow = 1500ms;

/// The exit status of a command in a terminal, and its final screen.
struct shown
{
    process_end end;
    std::string transcript;
    lines screen;
};

shown finish(child_process& child, std::size_t columns = 80)
{
    shown result{child.wait(), child.output(), {}};
    screen all{columns};
    all.write(result.transcript);
    CHECK(all.at_begin_of_line());
    result.screen = all.lines();
    return result;
}

shown run_in_terminal(const tool& t, const arguments& line)
{
    child_process child{t.process_in_terminal(line)};
    return finish(child);
}

/// The lines that are visible now.
lines visible(child_process& child)
{
    screen all;
    all.write(child.output());
    return all.lines();
}

bool is_bar(const std::string& line, std::string_view label)
{
    return line.starts_with(label) && contains(line, " [") && contains(line, "% ") &&
           contains(line, "/s");
}

bool is_full_bar(const std::string& line, std::string_view label)
{
    return is_bar(line, label) && contains(line, "#] 100% ");
}

bool shows_bars(child_process& child, const lines& labels)
{
    const lines now = visible(child);
    return std::equal(now.begin(), now.end(), labels.begin(), labels.end(), is_bar);
}

/// A file larger than socket buffers.
void write_large_file(const tool& t, const char* name)
{
    t.folder().write(name, "");
    std::filesystem::resize_file(t.folder() / name, 64 << 20);
}

void interrupt(child_process& child)
{
    child.write("\x03");
}

} // namespace

TEST_CASE("tool in a terminal: output is in tables with colours")
{
    const sandbox::server server;
    const tool t{server};
    const auto list =
        run_in_terminal(t, {"list-user-images", "self", "--fields", "id,name,contentType"});
    CHECK(list.end.status == 0);
    REQUIRE(list.screen.size() == 2);
    CHECK(list.screen[0].starts_with("ID "));
    CHECK(list.screen[1].starts_with(portrait));
    CHECK(list.transcript.starts_with("\x1b[1mID "));

    const auto details = run_in_terminal(t, {"view-image", portrait});
    CHECK(details.screen.front() == std::string{"id           "} + portrait);
    CHECK(contains(details.transcript, "\x1b[1mid "));

    const auto failure = run_in_terminal(t, {"view-image", "nowhere"});
    CHECK(failure.end.status == 3);
    CHECK(failure.screen.front().starts_with("cyclos-images: view-image: 404 Not Found: "));
    CHECK(failure.transcript.starts_with("\x1b[1;31mcyclos-images:\x1b[m view-image: "));

    const auto machine = run_in_terminal(t, {"view-image", portrait, "--json"});
    CHECK(json::parse(machine.transcript).at("id").as_string() == portrait);
}

TEST_CASE("tool in a terminal: NO_COLOR and terminals without colours are respected")
{
    const sandbox::server server;
    tool t{server};
    for (const auto& [name, value] :
         {std::pair{"NO_COLOR", "1"}, std::pair{"TERM", "dumb"}, std::pair{"TERM", ""}}) {
        CAPTURE(name);
        CAPTURE(value);
        process_options options = t.process_in_terminal({"list-user-images", "self"});
        options.environment[name] = value;
        child_process child{options};
        const auto list = finish(child);
        CHECK(list.screen.size() == 2);
        CHECK_FALSE(contains(list.transcript, "\x1b"));
    }
}

TEST_CASE("tool in a terminal: a download has a progress bar up to 100 %")
{
    sandbox::server server;
    server.store().add_image({.id = "42", .content = sandbox::content::synthetic(1 << 20)});
    server.misbehave({.target = "/images/content/42", .pause_after = 500'000, .pause = slow});
    const tool t{server};
    child_process child{t.process_in_terminal({"get-image-content", "42"})};
    child.wait_for_text(" 47% ");
    const auto done = finish(child);
    CHECK(done.end.status == 0);
    REQUIRE(done.screen.size() == 2);
    CHECK(is_full_bar(done.screen[0], "42 "));
    CHECK(done.screen[1].starts_with("cyclos-images: get-image-content: saved 42 (1.0 MiB"));
    CHECK(contains(done.transcript, " left"));
    CHECK_FALSE(contains(done.transcript,
                         "\x1b[?25l")); // the cursor is never hidden, so it need not be restored
}

TEST_CASE("tool in a terminal: an upload has a progress bar up to 100 %")
{
    sandbox::server server;
    server.misbehave({.method = "POST", .answer_delay = slow});
    const tool t{server};
    t.folder().write("me.png", sandbox::make_picture(300, 200).bytes);
    const auto done = run_in_terminal(t, {"upload-user-image", "self", "me.png"});
    CHECK(done.end.status == 0);
    REQUIRE(done.screen.size() >= 2);
    CHECK(is_full_bar(done.screen[0], "me.png "));
    CHECK(done.screen[1].starts_with("id "));
}

TEST_CASE("tool in a terminal: several uploads have a progress bar each")
{
    sandbox::server server;
    server.misbehave({.method = "POST", .answer_delay = slow});
    const tool t{server};
    const lines names{"one.png", "two.png", "three.png"};
    arguments line{"upload-temp-image"};
    for (const std::string& name : names) {
        t.folder().write(name, sandbox::make_picture(20, 10).bytes);
        line.push_back(name);
    }
    child_process child{t.process_in_terminal(line)};
    await("three bars at the same time", [&] { return shows_bars(child, names); });
    child.wait_for_text("waiting"); // everything is sent, and the server has not responded
    const auto done = finish(child);
    CHECK(done.end.status == 0);
    REQUIRE(done.screen.size() == 6);
    for (const std::string& name : names) {
        CAPTURE(name);
        // They stay in the order of their ends; the table is below.
        CHECK(std::count_if(done.screen.begin(), done.screen.begin() + 3,
                            [&](const std::string& each) { return is_full_bar(each, name); }) == 1);
        CHECK(
            std::count_if(done.screen.begin() + 3, done.screen.end(), [&](const std::string& each) {
                return each.starts_with(name + ' ');
            }) == 1);
    }
}

TEST_CASE("tool in a terminal: Ctrl-C during a download leaves no file and a clean line")
{
    sandbox::server server;
    server.store().add_image({.id = "42", .content = sandbox::content::synthetic(1 << 20)});
    server.misbehave(
        {.target = "/images/content/42", .stop_after = 500'000, .stopped = sandbox::ending::hang});
    const tool t{server};
    child_process child{t.process_in_terminal({"get-image-content", "42"})};
    child.wait_for_text(" 47% ");
    interrupt(child);
    const auto done = finish(child);
    CHECK(done.end.signal == SIGINT);
    CHECK(done.screen == lines{"cyclos-images: get-image-content: interrupted"});
    CHECK(t.files().empty());
}

TEST_CASE("tool in a terminal: Ctrl-C during several uploads leaves a clean line")
{
    sandbox::server server;
    server.misbehave({.method = "POST", .read_body = 1000, .instead = sandbox::ending::freeze});
    const tool t{server};
    const lines names{"a", "b"};
    write_large_file(t, "a");
    write_large_file(t, "b");
    child_process child{t.process_in_terminal({"upload-temp-image", "a", "b"})};
    await("two bars at the same time", [&] { return shows_bars(child, names); });
    interrupt(child);
    const auto done = finish(child);
    CHECK(done.end.signal == SIGINT);
    // The result of each file, and one message; the terminal wraps all of them.
    REQUIRE(done.screen.size() == 6);
    for (std::size_t i = 0; i < names.size(); ++i) {
        CHECK(done.screen[2 * i].starts_with(names[i] + ' '));
        // The terminal wraps at any character, also at a space.
        std::string text = done.screen[2 * i] + done.screen[2 * i + 1];
        std::erase(text, ' ');
        CHECK(
            contains(text, "notstored:interrupted;therequestwassentinpart,sotheimageisnotstored"));
    }
    CHECK(done.screen[4].starts_with(
        "cyclos-images: upload-temp-image: 2 of 2 files were not uploaded, the first"));
    CHECK_FALSE(contains(done.screen[4] + done.screen[5], "^C"));
}

TEST_CASE("tool in a terminal: a typed password is not echoed, and the terminal is restored")
{
    const sandbox::server server;
    const tool t{server};
    const arguments line{"--password-file", "-", "list-user-images", "self"};
    child_process child{t.process_in_terminal(line)};
    child.wait_for_text("Password: ");
    child.write("demo\n");
    const auto done = finish(child);
    CHECK(done.end.status == 0);
    CHECK_FALSE(contains(done.transcript, "demo\r\n"));
    CHECK(contains(done.transcript, portrait));
}

#if !defined(CYCLOS_TESTS_SANITIZED) // the thread sanitizer runs no handler while pselect() waits
TEST_CASE("tool in a terminal: Ctrl-C at the password prompt ends it, and echo is restored")
{
    const sandbox::server server;
    const tool t{server};
    const arguments line{"--password-file", "-", "list-user-images", "self"};
    process_options options = t.process_in_terminal(line);
    options.command.insert(
        options.command.begin(),
        {"sh", "-c", "trap : INT; \"$0\" \"$@\"; echo \"ended by $?\"; stty -a; read -r line"});
    child_process shell{options};
    shell.wait_for_text("Password: ");
    interrupt(shell);
    shell.wait_for_text("ended by 130");
    shell.wait_for_text(" echo ");
    shell.write("seen\n");
    shell.wait();
    CHECK(contains(shell.output(), "seen"));
}
#endif

TEST_CASE("tool in a terminal: progress bars follow the width of the terminal")
{
    sandbox::server server;
    server.misbehave({.method = "POST", .read_body = 1000, .instead = sandbox::ending::freeze});
    const tool t{server};
    write_large_file(t, "a-file-with-a-name-that-is-long.png");
    child_process child{
        t.process_in_terminal({"upload-temp-image", "a-file-with-a-name-that-is-long.png"})};
    await("a bar", [&] { return shows_bars(child, {"a-file-with-a-name-t "}); });

    child.resize_terminal({.columns = 40, .rows = 24});
    const std::size_t before = child.output().size();
    // The terminal has wrapped the line: both parts are replaced.
    await("the bar again",
          [&] { return contains(std::string_view{child.output()}.substr(before), "\x1b[1A"); });
    child.wait_for_text(
        "\x1b[1Aa-file-with-  "); // a third of the width for the name, and no space for a bar
    await("the bar once more", [&] {
        const std::string_view frames = std::string_view{child.output()}.substr(before);
        return std::count(frames.begin(), frames.end(), '\r') > 3;
    });
    const std::string text = child.output().substr(before);
    const std::size_t begin = text.rfind("\x1b[1A");
    screen narrow{40};
    narrow.write(std::string_view{text}.substr(text.find('\r', begin)));
    CHECK(narrow.lines().size() == 1);
    interrupt(child);
    CHECK(finish(child, 40).end.signal == SIGINT);
}

TEST_CASE("tool in a terminal: --quiet, --no-progress and --verbose suppress progress bars")
{
    sandbox::server server;
    server.misbehave({.method = "POST", .answer_delay = slow});
    const tool t{server};
    t.folder().write("me.png", sandbox::make_picture(20, 10).bytes);
    std::list<child_process> all; // at the same time
    for (const char* option : {"--quiet", "--no-progress", "--verbose"}) {
        all.emplace_back(t.process_in_terminal({"upload-user-image", "self", "me.png", option}));
    }
    for (child_process& child : all) {
        const auto done = finish(child);
        CHECK(done.end.status == 0);
        CHECK_FALSE(contains(done.transcript, "100%"));
    }
}

TEST_CASE("tool in a terminal: redirected output contains no escape sequences")
{
    sandbox::server server;
    server.misbehave({.method = "POST", .answer_delay = slow});
    tool t{server};
    t.set("TERM", "xterm");
    t.set("NO_COLOR", "");
    t.folder().write("me.png", sandbox::make_picture(20, 10).bytes);
    // If only the result is redirected, the bar is still visible.
    process_options options = t.process_in_terminal({"upload-user-image", "self", "me.png"});
    options.command.insert(options.command.begin(), {"sh", "-c", "exec \"$0\" \"$@\" > result"});
    child_process child{options};

    const std::vector<arguments> commands{{"list-user-images", "self"},
                                          {"view-image", "nowhere"},
                                          {"get-image-content", portrait},
                                          {"upload-user-image", "self", "me.png"}};
    for (const arguments& line : commands) {
        CAPTURE(line);
        const auto all = t.run(line);
        CHECK_FALSE(contains(all.output, "\x1b"));
        CHECK_FALSE(contains(all.errors, "\x1b"));
    }

    const auto done = finish(child);
    CHECK(done.end.status == 0);
    REQUIRE(done.screen.size() == 1);
    CHECK(is_full_bar(done.screen[0], "me.png "));
    std::ifstream result{t.folder() / "result"};
    const std::string text{std::istreambuf_iterator<char>{result}, {}};
    CHECK(json::parse(text).as_object().contains("id"));
}

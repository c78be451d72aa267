//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/integration_test.hpp"
#include "integration/support/sanitized.hpp"
#include "integration/support/tool.hpp"

#include <cyclos/sandbox/pictures.hpp>

#include <csignal>
#include <sstream>

using namespace cyclos::test;
namespace sandbox = cyclos::sandbox;

TEST_CASE("tool: a failed download leaves no file")
{
    sandbox::server server;
    server.store().add_image({.id = "42", .content = sandbox::content::synthetic(1 << 20)});
    server.misbehave(
        {.target = "/images/content/42", .stop_after = 100'000, .stopped = sandbox::ending::fin});
    const tool t{server};
    const auto failure = t.error(4, {"get-image-content", "42"});
    CHECK(failure.at("kind") == "transport");
    CHECK(failure.at("phase") == "receiving");
    CHECK(failure.at("sent") == "complete");
    CHECK(t.files().empty());
}

TEST_CASE("tool: an interrupted download leaves no file")
{
    sandbox::server server;
    server.store().add_image({.id = "42", .content = sandbox::content::synthetic(1 << 20)});
    server.misbehave(
        {.target = "/images/content/42", .stop_after = 500'000, .stopped = sandbox::ending::hang});
    const tool t{server};
    for (const int signal : {SIGINT, SIGTERM}) {
        child_process child{t.process({"get-image-content", "42"})};
        test_context{}.until([&] {
            const auto names = t.files();
            std::error_code renamed;
            return !names.empty() &&
                   std::filesystem::file_size(t.folder() / names.front(), renamed) > 100'000;
        });
        child.send_signal(signal);
        CHECK(child.wait().signal == signal);
        CHECK(child.errors() == "cyclos-images: get-image-content: interrupted\n");
        CHECK(t.files().empty());
    }
}

TEST_CASE("tool: a shell loop ends when the tool is interrupted in it")
{
    sandbox::server server;
    server.misbehave({.instead = sandbox::ending::hang});
    const tool t{server};
    process_options options = t.process({"view-image", portrait});
    options.command.insert(options.command.begin(),
                           {"bash", "-c", "for n in 1 2; do \"$0\" \"$@\"; done; echo went on"});
    options.own_group = true;
    child_process shell{options};
    test_context{}.until([&] { return !server.requests().empty(); });
    REQUIRE(::kill(-shell.id(), SIGINT) == 0); // as a terminal does
    CHECK(shell.wait().signal == SIGINT);
    CHECK(shell.output().empty());
    CHECK(server.requests().size() == 1);
}

TEST_CASE("tool: a signal that was ignored at the start is ignored")
{
    sandbox::server server;
    server.misbehave({.answer_delay = std::chrono::milliseconds{300}});
    const tool t{server};
    process_options options = t.process({"view-image", portrait});
    options.command.insert(options.command.begin(),
                           {"sh", "-c", "trap '' INT HUP; exec \"$0\" \"$@\""});
    child_process child{options};
    test_context{}.until([&] { return !server.requests().empty(); });
    child.send_signal(SIGHUP);
    child.send_signal(SIGINT);
    CHECK(child.wait().status == 0);
    CHECK(json::parse(child.output()).at("id").as_string() == portrait);
}

TEST_CASE("tool: a closed standard stream fails, and no other file takes its place")
{
    sandbox::server server;
    const tool t{server};
    const auto closed = [&](const std::string& redirection, const arguments& line) {
        process_options options = t.process(line);
        options.command.insert(options.command.begin(),
                               {"sh", "-c", "exec \"$0\" \"$@\" " + redirection});
        child_process child{options};
        return outcome{*child.wait().status, child.output(), child.errors()};
    };
    const auto input = closed("<&-", {"upload-user-image", "self", "-"});
    CHECK(contains(input.errors, "standard input"));
    CHECK(server.store().user_images("7762070814178012479").size() == 1);
    CHECK(closed("<&-", {"--password-file", "-", "view-image", portrait}).status == 2);
    const auto output = closed(">&-", {"view-image", portrait});
    CHECK(output.status == 4);
    CHECK(contains(output.errors, "standard output cannot be written"));
    CHECK(closed(">&-", {"get-image-content", portrait, "-o", "-"}).status == 4);
    CHECK(closed("2>&-", {"view-image", portrait}).status == 0);
}

TEST_CASE("tool: an interrupted upload reports what was sent")
{
    sandbox::server server;
    const tool t{server};
    child_process child{t.process({"--json", "upload-user-image", "self", "-"})};
    child.write(std::string(1 << 20, 'x'));
    test_context{}.until([&] { return server.statistics().bytes_received > 100'000; });
    child.send_signal(SIGINT);
    CHECK(child.wait().signal == SIGINT);
    const auto failure = json::parse(child.errors()).at("error");
    CHECK(failure.at("kind") == "cancelled");
    CHECK(failure.at("sent") == "partial");
    CHECK(server.store().user_images("7762070814178012479").size() == 1);
}

TEST_CASE("tool: an error of the server gives status 3, and one line or JSON")
{
    sandbox::server server;
    const tool t{server};
    const auto line = t.run({"view-image", "nowhere"});
    CHECK(line.status == 3);
    CHECK(line.errors == "cyclos-images: view-image: 404 Not Found: there is no Image 'nowhere'\n");

    const auto missing = t.error(3, {"view-image", "nowhere"});
    CHECK(missing.at("kind") == "not_found");
    CHECK(missing.at("status") == 404);
    CHECK(missing.at("attempts") == 1);
    CHECK(missing.at("sent") == "complete");
    CHECK_FALSE(missing.contains("code"));

    const auto wrong =
        t.error(3, {"--username", "demo", "--password", "hunter2", "list-user-images", "self"});
    CHECK(wrong.at("kind") == "unauthorized");
    CHECK(wrong.at("code") == "login");

    const auto denied = t.error(
        3, {"--username", "viewer", "--password", "viewer", "delete-image", "demo-portrait.png"});
    CHECK(denied.at("kind") == "forbidden");
    const auto used =
        t.error(3, {"--username", "admin", "--password", "admin", "delete-image", logo});
    CHECK(used.at("kind") == "conflict");

    // Not only errors of Cyclos: any status is an API error.
    const std::map<unsigned, std::string> kinds{
        {400, "bad_request"}, {405, "method_not_allowed"},
        {413, "api"},         {422, "invalid_input"},
        {429, "api"},         {500, "internal_server_error"},
        {502, "api"},         {503, "service_unavailable"}};
    for (const auto& [status, kind] : kinds) {
        CAPTURE(status);
        server.clear_misbehaviours();
        server.misbehave({.status = status, .body = "<html>", .content_type = "text/html"});
        const auto failure = t.error(3, {"view-image", portrait});
        CHECK(failure.at("status") == status);
        CHECK(failure.at("kind").as_string() == kind);
    }
}

TEST_CASE("tool: a failed connection gives status 4")
{
    tool t;
    t.set("CYCLOS_URL", dead_url());
    const auto failure = t.error(4, {"view-image", portrait});
    CHECK(failure.at("kind") == "transport");
    CHECK(failure.at("phase") == "connecting");
    CHECK(failure.at("sent") == "none");
    CHECK_FALSE(failure.contains("status"));
    CHECK(contains(t.run({"view-image", portrait}).errors, "cannot connect to https://localhost:"));
}

TEST_CASE("tool: an untrusted certificate gives status 4, unless --insecure is given")
{
    const sandbox::server server;
    tool t;
    t.set("CYCLOS_URL", server.url());
    const auto failure = t.error(4, {"view-image", portrait});
    CHECK(failure.at("phase") == "handshaking");
    CHECK(contains(failure.at("message").as_string(), "--ca-file"));
    CHECK(t.run({"--insecure", "view-image", portrait}).status == 0);
}

TEST_CASE("tool: --timeout limits the operation")
{
    sandbox::server server;
    server.misbehave({.instead = sandbox::ending::hang});
    const tool t{server};
    CHECK(t.error(4, {"view-image", portrait, "--timeout", "0.3"}).at("kind") == "timeout");

    // Also if the tool itself waits.
    child_process waits{
        t.process({"upload-user-image", "self", "-", "--timeout", "0.3", "--json"})};
    CHECK(waits.wait().status == 4);
    CHECK(json::parse(waits.errors()).at("error").at("kind") == "timeout");
}

TEST_CASE("tool: --retries repeats what may be repeated")
{
    sandbox::server server;
    const tool t{server};
    server.misbehave({.times = 2, .status = 503});
    t.result({"--retries", "2", "view-image", portrait});
    CHECK(server.requests().size() == 3);

    server.clear_misbehaviours();
    server.misbehave({.status = 503});
    CHECK(t.error(3, {"--retries", "1", "view-image", portrait}).at("attempts") == 2);
    CHECK(t.error(3, {"view-image", portrait}).at("attempts") == 1);

    server.reset_statistics();
    t.folder().write("me.png", sandbox::make_picture(2, 2).bytes);
    CHECK(t.error(3, {"--retries", "1", "upload-user-image", "self", "me.png"}).at("attempts") ==
          1);
    CHECK(server.requests().size() == 1);

    // Nothing of it was sent, and the retries are printed.
    const auto unsent = t.run({"--url", dead_url(), "--verbose", "--retries", "2",
                               "upload-user-image", "self", "me.png"});
    CHECK(unsent.status == 4);
    std::size_t again = 0;
    for (auto at = unsent.errors.find("tried again"); at != std::string::npos;
         at = unsent.errors.find("tried again", at + 1)) {
        ++again;
    }
    CHECK(again == 2);

    server.clear_misbehaviours();
    server.reset_statistics();
    CHECK(t.error(3, {"--retries", "1", "view-image", "nowhere"}).at("attempts") == 1);
    CHECK(server.requests().size() == 1);
}

TEST_CASE("tool: with --json, events are JSON as well")
{
    sandbox::server server;
    server.misbehave({.status = 503});
    const tool t{server};
    const auto done = t.run({"--json", "--verbose", "--retries", "1", "view-image", portrait});
    CHECK(done.status == 3);
    std::istringstream errors{done.errors};
    std::vector<json::object> events;
    for (std::string line; std::getline(errors, line);) {
        events.push_back(json::parse(line).as_object());
    }
    REQUIRE(events.size() > 2);
    CHECK(events.back().contains("error"));
    events.pop_back();
    for (const json::object& each : events) {
        CHECK(each.contains("event"));
    }
}

TEST_CASE("tool: wrong usage gives status 2, and nothing is sent")
{
    const sandbox::server server;
    const tool t{server};
    t.folder().write("me.png", "x");
    const std::vector<arguments> lines{
        {},
        {"no-such-command"},
        {"view-image"},
        {"view-image", portrait, "more"},
        {"view-image", portrait, "--no-such-option"},
        {"view-image", portrait, "--width", "3"},
        {"view-image", ""},
        {"view-image", ".."},
        {"list-user-images", "self", "--kind", "none"},
        {"get-image-content-deprecated", "none", "x.png"},
        {"get-image-content", portrait, "--width", "0"},
        {"get-image-content", portrait, "--height", "many"},
        {"reorder-ad-images", ad},
        {"reorder-ad-images", ad, "1,2"},
        {"upload-user-image", "self", "missing.png"},
        {"upload-user-image", "self", "."},
        {"upload-temp-image", "me.png", "--target", "none"},
        {"--dialect", "4.12", "view-image", portrait},
        {"--timeout", "0", "view-image", portrait},
        {"--connections", "0", "view-image", portrait},
        {"--retries", "-1", "view-image", portrait},
        {"--proxy", "ftp://proxy:3128", "view-image", portrait},
        {"--proxy", "http://proxy:0", "view-image", portrait},
        {"--url", "localhost", "view-image", portrait},
        {"--url", "http://cyclos.example.org/api", "view-image", portrait},
        {"--ca-file", "missing.pem", "view-image", portrait},
        {"--username", "demo", "--session-token", "t", "view-image", portrait},
        {"--session-token", "t", "--access-client-token", "t", "view-image", portrait},
        {"--password", "x", "--password-file", "me.png", "view-image", portrait},
        {"--session-token", "a\r\nb: c", "view-image", portrait},
        {"--channel", "a\nb", "view-image", portrait},
    };
    for (const arguments& line : lines) {
        CAPTURE(line);
        const auto done = t.run(line);
        CHECK(done.status == 2);
        CHECK(done.output.empty());
        CHECK(done.errors.starts_with("cyclos-images: "));
        CHECK(done.errors.find('\n') == done.errors.size() - 1);
        CHECK(t.error(2, line).at("kind") == "rejected");
    }
    CHECK(server.requests().empty());
    CHECK(t.files() == arguments{"me.png"});

    tool alone;
    CHECK(contains(alone.run({"view-image", portrait}).errors, "CYCLOS_URL"));
    alone.set("CYCLOS_URL", server.url());
    alone.set("CYCLOS_USERNAME", "demo");
    CHECK(alone.run({"view-image", portrait}).status == 2);
    alone.set("CYCLOS_PASSWORD", "demo");
    alone.set("CYCLOS_SESSION_TOKEN", "t");
    CHECK(alone.run({"view-image", portrait}).status == 2);
}

TEST_CASE(
    "tool: an invalid number gives status 2, and is not in the message because it may be a secret")
{
    const sandbox::server server;
    const tool t{server};
    for (const char* const option :
         {"--timeout", "--connections", "--retries", "--width", "--height"}) {
        for (const std::string value : {"hunter2", "nan", "inf", "1x", "", "1e99", "-1"}) {
            CAPTURE(option);
            CAPTURE(value);
            const auto done =
                t.run({"get-image-content", portrait, std::string{option} + '=' + value});
            CHECK(done.status == 2);
            CHECK(contains(done.errors, option));
            CHECK_FALSE(contains(done.errors, "hunter2"));
        }
    }
    CHECK(contains(t.run({"view-image", portrait, "--timeout", "nan"}).errors,
                   "--timeout: must be a number from 0.001 to 31536000"));
    CHECK(t.run({"view-image", portrait, "--connections", "1.5"}).status == 2);
    CHECK(t.run({"view-image", portrait, "--json=hunter2"}).errors.find("hunter2") ==
          std::string::npos);
    CHECK(server.requests().empty());
    CHECK(t.run({"view-image", portrait, "--timeout", "2.5"}).status == 0);
}

TEST_CASE("tool: an empty credential is rejected before anything is sent")
{
    const sandbox::server server;
    tool t{server};
    t.folder().write("empty", "\nsecond line\n");
    CHECK(contains(t.run({"view-image", portrait, "--password", ""}).errors,
                   "the password is empty"));
    CHECK(contains(t.run({"view-image", portrait, "--password-file", "empty"}).errors,
                   "the password is empty"));
    CHECK(contains(t.run({"view-image", portrait, "--password-file", "-"}, "\n").errors,
                   "the password is empty"));
    CHECK(contains(t.run({"view-image", portrait, "--username", ""}).errors,
                   "the user name is empty"));
    CHECK(t.run({"view-image", portrait, "--session-token", ""}).status == 2);
    CHECK(t.run({"view-image", portrait, "--access-client-token", ""}).status == 2);
    CHECK(server.requests().empty());
}

#if !defined(CYCLOS_TESTS_SANITIZED) // whose runtime uses descriptors itself
TEST_CASE("tool: a lack of descriptors is not reported as an unknown host")
{
    const sandbox::server server{{.tls = false}}; // with TLS, reading its files fails first
    tool t;
    t.set("CYCLOS_URL", server.url());
    // Increasing limits, from too few for anything to enough: at some point only the name look-up
    // fails.
    bool looked_up = false;
    for (int limit = 4; limit < 24; ++limit) {
        CAPTURE(limit);
        process_options options = t.process({"view-image", portrait});
        options.command.insert(
            options.command.begin(),
            {"sh", "-c", "ulimit -n " + std::to_string(limit) + "; exec \"$0\" \"$@\""});
        child_process child{options};
        const auto end = child.wait();
        CHECK_FALSE(contains(child.errors(), "Host not found"));
        looked_up = looked_up || contains(child.errors(), "too many files are open");
        if (end.status == 0) {
            break;
        }
    }
    CHECK(looked_up);
}
#endif

TEST_CASE("tool: no secret is printed")
{
    sandbox::server server;
    tool t{server};
    const auto quiet_about = [](const outcome& done, std::string_view secret) {
        CHECK_FALSE(contains(done.output, secret));
        CHECK_FALSE(contains(done.errors, secret));
        CHECK_FALSE(done.errors.empty());
    };
    quiet_about(t.run({"--passwrd", "hunter2", "view-image", portrait}), "hunter2");
    quiet_about(t.run({"--passwrd=hunter2", "view-image", portrait}), "hunter2");
    quiet_about(t.run({"--proxy", "ftp://me:hunter2@proxy:1", "view-image", portrait}), "hunter2");
    quiet_about(
        t.run({"--url", "https://me:hunter2@localhost/api", "view-image", portrait, "--verbose"}),
        "hunter2");
    quiet_about(t.run({"--verbose", "--password", "hunter2", "view-image", portrait}), "hunter2");
    quiet_about(
        t.run({"--verbose", "--session-token", "demo-session-token", "view-image", portrait}),
        "session-token");

    server.misbehave(
        {.status = 422,
         .body = R"({"code":"validation","generalErrors":["hunter2 is no password"]})"});
    const auto verbose = t.run({"--verbose", "--password", "hunter2", "view-image", portrait});
    quiet_about(verbose, "hunter2");
    CHECK(contains(verbose.errors, "*** is no password"));

    // In every encoding that the server may use, in text and in JSON.
    const arguments line{"--password", "hunter 2/ö", "view-image", portrait};
    for (const unsigned status : {400U, 401U, 403U, 404U, 409U, 422U, 500U, 502U}) {
        for (const std::string code : {"hunter 2/ö", "hunter%202%2F%C3%B6", "hunter+2%2f%c3%b6"}) {
            CAPTURE(status);
            CAPTURE(code);
            server.clear_misbehaviours();
            server.misbehave({.status = status,
                              .body = R"({"code":")" + code + R"(","message":")" + code +
                                      R"(","key":")" + code + R"(","entityType":"x"})"});
            const auto plain = t.run(line);
            CHECK(plain.status == 3);
            const auto coded = t.error(3, line);
            for (const std::string& text : {plain.errors, json::serialize(coded)}) {
                CHECK_FALSE(contains(text, "hunter 2/ö"));
                CHECK_FALSE(contains(text, "%2"));
            }
        }
    }
    quiet_about(t.run({"--password-file", "hunter2", "view-image", portrait}), "hunter2");
}

TEST_CASE("tool: an error message of the server contains no control characters in the output")
{
    sandbox::server server;
    server.misbehave(
        {.status = 422, .body = R"({"code":"validation","generalErrors":["a\u001b[2J\nb"]})"});
    const tool t{server};
    CHECK(t.run({"view-image", portrait}).errors ==
          "cyclos-images: view-image: 422 Unprocessable Entity: a?[2J?b\n");
}

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// Messages of the tool for the most frequent mistakes: one line each, with advice.

#include "integration/support/endless_server.hpp"
#include "integration/support/tool.hpp"

#include <cyclos/sandbox/pictures.hpp>

using namespace cyclos::test;
namespace sandbox = cyclos::sandbox;

namespace {

/// The only line of output of a failing command; @p status is its expected exit status.
std::string advice(const tool& t, int status, const arguments& line)
{
    const auto done = t.run(line);
    CHECK(done.status == status);
    CHECK(done.output.empty());
    REQUIRE(done.errors.ends_with('\n'));
    CHECK(done.errors.find('\n') == done.errors.size() - 1);
    return done.errors;
}

const arguments look{"view-image", portrait};

arguments with(arguments options, const arguments& line)
{
    options.insert(options.end(), line.begin(), line.end());
    return options;
}

/// The same URL with another scheme.
std::string with_scheme(const std::string& scheme, const std::string& url)
{
    return scheme + url.substr(url.find(':'));
}

} // namespace

TEST_CASE("tool advice: a wrong path in the URL")
{
    sandbox::server server;
    const tool t{server};
    const std::string hint = "check the path in --url: that of a Cyclos API ends with /api";
    server.misbehave({.times = 1, .status = 404, .body = "<html>", .content_type = "text/html"});
    CHECK(contains(advice(t, 3, look),
                   "404 Not Found: the response is a web page and not from the API; " + hint));
    server.misbehave({.times = 1, .status = 404, .body = R"({"error":"Not Found"})"});
    CHECK(contains(advice(t, 3, look), hint));
    server.misbehave({.times = 1, .status = 200, .body = "<html>", .content_type = "text/html"});
    CHECK(contains(advice(t, 4, look), hint));
    // An image that Cyclos does not find is not a problem of the path.
    CHECK_FALSE(contains(advice(t, 3, {"view-image", "nowhere"}), hint));
}

TEST_CASE("tool advice: http instead of https, and https instead of http")
{
    const sandbox::server server;
    tool t{server};
    CHECK(contains(advice(t, 2, with({"--url", "http://cyclos.example.org/api"}, look)),
                   "--url must begin with https://"));
    CHECK(contains(advice(t, 4, with({"--url", with_scheme("http", server.url())}, look)),
                   "if the server uses TLS, --url must begin with https://"));

    sandbox::server plain;
    plain.misbehave_on_connect(
        {.times = 1, .instead_of_handshake = "HTTP/1.1 400 Bad Request\r\n\r\n"});
    plain.misbehave_on_connect({.times = 1, .before_handshake = sandbox::ending::fin});
    t.set("CYCLOS_URL", plain.url());
    CHECK(contains(advice(t, 4, look),
                   "the server does not use TLS on this port; check the port in --url"));
    CHECK(contains(advice(t, 4, look), "check that the port in --url is right and uses TLS"));
}

TEST_CASE("tool advice: an expired session")
{
    sandbox::server server;
    server.store().expire_sessions();
    const tool t{server};
    CHECK(contains(
        advice(t, 3, {"--session-token", "demo-session-token", "list-user-images", "self"}),
        "the session has expired: log in again and give the new token with --session-token"));
}

TEST_CASE("tool advice: a wrong, blocked or missing password")
{
    const sandbox::server server{{.max_bad_logins = 2}};
    tool t{server};
    const arguments wrong{"--username", "demo", "--password", "wrong", "list-user-images", "self"};
    CHECK(contains(advice(t, 3, wrong),
                   "the user name or the password is wrong: check --username and --password-file"));
    t.run(wrong);
    CHECK(contains(advice(t, 3, wrong), "the password is temporarily blocked: wait a while, and "
                                        "check the password before you try again"));

    t.set("CYCLOS_USERNAME", "");
    t.set("CYCLOS_PASSWORD", "");
    CHECK(contains(advice(t, 3, {"list-user-images", "self"}),
                   "this operation requires credentials: give --username and a password"));
}

TEST_CASE("tool advice: credentials are not requested from a user who has given some")
{
    sandbox::server server;
    const tool t{server};
    server.misbehave({.status = 401, .body = R"({"code":"missingAuthorization"})"});
    const auto said = advice(t, 3, look);
    CHECK_FALSE(contains(said, "--username"));
    CHECK(contains(said, "a proxy in front of the server may remove them"));
    server.clear_misbehaviours();
    server.misbehave({.status = 401, .body = R"({"code":"login"})"});
    CHECK_FALSE(contains(advice(t, 3, with({"--session-token", "t"}, look)), "--password-file"));
}

TEST_CASE("tool advice: malformed HTTP is not reported as a TLS problem")
{
    sandbox::server server{{.tls = false}};
    tool t;
    t.set("CYCLOS_URL", server.url());
    for (const std::string raw :
         {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 200 OK\r\n:\r\n\r\n",
          "HTTP/2.0 200 OK\r\n\r\n", "220 mail ready\r\n\r\n"}) {
        CAPTURE(raw);
        server.clear_misbehaviours();
        server.misbehave({.raw = raw, .end = sandbox::ending::fin});
        CHECK_FALSE(contains(advice(t, 4, look), "https://?"));
    }
}

TEST_CASE("tool advice: an untrusted, foreign or expired certificate")
{
    const auto said = [](sandbox::certificate quality) {
        const sandbox::server server{{.certificate = quality}};
        return advice(tool{server}, 4, look);
    };
    CHECK(contains(said(sandbox::certificate::unknown_ca), "give --ca-file"));
    CHECK(contains(said(sandbox::certificate::self_signed), "give --ca-file"));
    CHECK(contains(said(sandbox::certificate::wrong_host),
                   "--url must name the host that it was issued for"));
    CHECK(contains(said(sandbox::certificate::expired), "the server needs a new certificate"));
    CHECK(contains(said(sandbox::certificate::not_yet_valid), "the clock of this machine"));
}

TEST_CASE("tool advice: a server that requires a client certificate")
{
    // With TLS 1.3 the alert follows the handshake, and the end of the connection may be noticed
    // before it.
    const sandbox::server server{{.client_certificate = sandbox::client_certificate::required,
                                  .tls_max = sandbox::tls_version::v1_2}};
    CHECK(contains(advice(tool{server}, 4, look), "give --client-cert and --client-key"));
}

TEST_CASE("tool advice: an unknown host, and a closed port")
{
    const tool t;
    // The name is too long for a look-up, so no name server is asked.
    CHECK(contains(
        advice(t, 4, with({"--url", "https://" + std::string(70, 'x') + ".example/api"}, look)),
        "check its spelling in --url"));
    CHECK(contains(advice(t, 4, with({"--url", dead_url()}, look)),
                   "check that the server is running and that the port in --url is right"));
}

TEST_CASE("tool advice: a proxy that requires credentials, or rejects the server")
{
    const tool t;
    const auto said = [&](const std::string& status) {
        const endless_server proxy{"HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n", "x"};
        std::string url = proxy.url();
        url.resize(url.rfind('/'));
        return advice(t, 4, with({"--url", "https://cyclos.invalid/api", "--proxy", url}, look));
    };
    CHECK(contains(said("407 Proxy Authentication Required"),
                   "give --proxy http://user:password@host:port"));
    CHECK(
        contains(said("403 Forbidden"), "check --proxy, and whether the proxy allows this server"));
}

TEST_CASE("tool advice: a proxy that is named by the environment")
{
    // This address can only be reached through a proxy.
    const arguments unreachable{"--url", "https://255.255.255.255/api"};
    const auto said = [&](const std::string& no_proxy, const arguments& options) {
        const endless_server proxy{"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "x"};
        std::string url = proxy.url();
        url.resize(url.rfind('/'));
        tool t;
        t.set("HTTPS_PROXY", url);
        t.set("NO_PROXY", no_proxy);
        return advice(t, 4, with(with(unreachable, options), look));
    };
    const std::string by_proxy = "check --proxy, and whether the proxy allows this server";
    const std::string directly = "if this network requires a proxy, give --proxy";
    CHECK(contains(said("", {}), by_proxy));
    CHECK(contains(said("cyclos.org", {}), by_proxy));
    CHECK(contains(said("255.255.255.255", {}), directly));
    CHECK(contains(said("", {"--no-proxy"}), directly));

    tool wrong;
    wrong.set("HTTPS_PROXY", "gopher://user:secret@proxy.example:70");
    const std::string rejected = advice(wrong, 2, with(unreachable, look));
    CHECK(contains(rejected, "HTTPS_PROXY"));
    CHECK(contains(rejected, "give --no-proxy"));
    CHECK_FALSE(contains(rejected, "secret"));
}

TEST_CASE("tool advice: a network that requires a proxy")
{
    const tool t;
    // The broadcast address has no TCP: the system rejects it without using the network.
    CHECK(contains(advice(t, 4, with({"--url", "https://255.255.255.255/api"}, look)),
                   "if this network requires a proxy, give --proxy"));
}

TEST_CASE("tool advice: a file that is too large, of a wrong type, or beyond the limit")
{
    sandbox::server server{{.max_images = 1, .max_file_size = 2000}};
    const tool t{server};
    t.folder().write("me.png", sandbox::make_picture(20, 10).bytes);
    t.folder().write("large.png", std::string(3000, 'x'));
    CHECK(contains(advice(t, 3, {"upload-temp-image", "large.png"}),
                   "the maximum file size is 2.0 KiB: make the image smaller"));
    CHECK(t.run({"upload-ad-image", ad, "me.png"}).status == 0);
    CHECK(contains(advice(t, 3, {"upload-ad-image", ad, "me.png"}),
                   "the limit is 1 images: remove one with delete-image first"));

    server.misbehave({.times = 1, .status = 413, .body = "<html>", .content_type = "text/html"});
    CHECK(contains(advice(t, 3, {"upload-temp-image", "me.png"}),
                   "the file is too large for the server or for a proxy in front of it: make the "
                   "image smaller"));
    server.misbehave({.times = 1, .status = 415, .content_type = "-"});
    CHECK(contains(advice(t, 3, {"upload-temp-image", "me.png"}), "send a PNG, JPEG or GIF"));
}

TEST_CASE("tool advice: a missing permission")
{
    const sandbox::server server;
    const tool t{server};
    CHECK(contains(
        advice(t, 3, {"--username", "viewer", "--password", "viewer", "delete-image", portrait}),
        "the user has no permission to do that: log in as another user, or ask an administrator"));
}

TEST_CASE("tool advice: a busy server")
{
    sandbox::server server;
    const tool t{server};
    server.misbehave({.times = 1,
                      .status = 503,
                      .body = "<html>",
                      .content_type = "text/html",
                      .headers = {{"Retry-After", "7"}}});
    CHECK(contains(advice(t, 3, look), "wait, or give --retries; try again in 7 s"));
}

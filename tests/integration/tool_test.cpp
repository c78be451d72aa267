//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/tool.hpp"

#include <cyclos/sandbox/pictures.hpp>

#include <csignal>
#include <fstream>
#include <iterator>

#include <sys/stat.h>

using namespace cyclos::test;
namespace sandbox = cyclos::sandbox;

namespace {

std::string read_file(const std::filesystem::path& file)
{
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

std::string text(const json::value& value, const char* member)
{
    return std::string{value.at(member).as_string()};
}

} // namespace

TEST_CASE("the tool shows an image")
{
    const sandbox::server server;
    const tool t{server};
    const auto details = t.result({"view-image", portrait});
    CHECK(text(details, "id") == portrait);
    CHECK(text(details, "contentType") == "image/png");
    CHECK(text(details, "kind") == "profile");
    CHECK(details.at("width").to_number<int>() == 64);

    CHECK(t.result({"view-image", "--fields", "id,name", "demo-portrait.png"}).as_object().size() == 2);
}

TEST_CASE("the tool takes negative ids, and anything after two dashes, for arguments")
{
    sandbox::server server;
    server.store().add_image({.id = "-x", .content = sandbox::content{"x"}});
    const tool t{server};
    CHECK(text(t.result({"view-image", logo}), "id") == logo);
    CHECK(text(t.result({"view-image", "--fields", "id", "--", "-x"}), "id") == "-x");
    CHECK(t.run({"view-image", "-x"}).status == 2);
}

TEST_CASE("the tool lists images, and what may be done with them")
{
    const sandbox::server server;
    const tool t{server};
    CHECK(t.result({"list-ad-images", ad}) == json::array{});
    const auto images = t.result({"list-user-images", "self", "--kind", "profile", "--fields", "id"});
    CHECK(images == json::array{json::object{{"id", portrait}}});
    CHECK(t.result({"list-user-images", "demo", "--kind", "custom"}) == json::array{}); // also the name of a command

    CHECK(t.result({"get-ad-images-list-data", ad}).at("canManage") == true);
    const auto data = t.result({"get-user-images-list-data", "self", "--fields", "maxImages,images"});
    CHECK(data.as_object().size() == 2);
    CHECK(data.at("maxImages") == 10);
}

TEST_CASE("the tool uploads an image to each place")
{
    sandbox::server server;
    const tool t{server};
    const auto picture = sandbox::make_picture(20, 10).bytes;
    t.folder().write("me.png", picture);

    const auto stored = [&](const arguments& line) {
        const auto answer = t.result(line);
        CHECK(answer.as_object().size() == 2);
        CHECK(contains(text(answer, "location"), "/images/content/"));
        auto image = server.store().find_image(text(answer, "id"));
        REQUIRE(image);
        CHECK(image->content.kept() == picture);
        CHECK(image->file_name == "me.png");
        return *image;
    };
    CHECK(stored({"upload-ad-image", ad, "me.png", "--name", "Möbius"}).name == "Möbius");
    CHECK(stored({"upload-user-image", "self", "me.png", "--kind", "custom"}).kind == "userCustom");
    CHECK(stored({"upload-contact-info-image", contact_info, "me.png"}).subject == contact_info);
    CHECK(stored({"upload-contact-info-image-deprecated", contact_info, "me.png"}).kind == "contactInfo");
    CHECK(stored({"upload-temp-image", "me.png", "--target", "userProfile", "--user", "self"}).target == "userProfile");
}

TEST_CASE("the tool uploads and lists temporary images of a guest")
{
    sandbox::server server;
    tool t{server};
    t.set("CYCLOS_USERNAME", "");
    t.set("CYCLOS_PASSWORD", "");
    t.folder().write("me.png", sandbox::make_picture(20, 10).bytes);
    const arguments about{"--target", "userRegistration", "--guest-key", "g 1"};
    arguments upload{"upload-temp-image", "me.png"};
    upload.insert(upload.end(), about.begin(), about.end());
    const auto id = text(t.result(upload), "id");
    CHECK(server.store().find_image(id)->guest_key == "g 1");

    arguments list{"list-temp-images", "--fields", "id"};
    list.insert(list.end(), about.begin(), about.end());
    CHECK(t.result(list) == json::array{json::object{{"id", id}}});
    CHECK_FALSE(server.requests().back().header("Authorization"));
}

TEST_CASE("the tool uploads standard input")
{
    sandbox::server server;
    const tool t{server};
    const auto picture = sandbox::make_picture(300, 200).bytes;
    const auto id = text(t.result({"upload-user-image", "self", "-", "--filename", "piped.png"}, picture), "id");
    const auto image = server.store().find_image(id);
    REQUIRE(image);
    CHECK(image->content.kept() == picture);
    CHECK(image->file_name == "piped.png");
    CHECK(image->content_type == "image/png");
    CHECK(server.requests().back().header("Transfer-Encoding") == "chunked");
}

TEST_CASE("the tool uploads several files, each for itself")
{
    sandbox::server server;
    const tool t{server};
    for (const char* name : {"one.png", "two.png", "three.png"}) {
        t.folder().write(name, sandbox::make_picture(20, 10).bytes);
    }
    const auto all = t.result({"upload-temp-image", "one.png", "two.png", "three.png"});
    REQUIRE(all.as_array().size() == 3);
    for (const auto& [place, name] : {std::pair{0U, "one.png"}, std::pair{1U, "two.png"}, std::pair{2U, "three.png"}}) {
        const auto& line = all.as_array()[place];
        CHECK(text(line, "file") == name);
        CHECK(server.store().find_image(text(line, "id"))->file_name == name);
    }

    const auto some = t.run({"--json", "upload-temp-image", "one.png", "missing.png", "three.png"});
    CHECK(some.status == 2);
    const auto lines = json::parse(some.output).as_array();
    REQUIRE(lines.size() == 3);
    CHECK(server.store().find_image(text(lines[0], "id")));
    CHECK(text(lines[1], "error") == "refused");
    CHECK(server.store().find_image(text(lines[2], "id")));
    CHECK(contains(some.errors, "1 of 3 files were not uploaded, the first of them is missing.png"));
    CHECK(server.store().temp_images().size() == 5);

    CHECK(t.run({"upload-temp-image", "one.png", "-"}).status == 2);
    CHECK(t.run({"upload-temp-image", "--filename", "x.png", "one.png", "two.png"}).status == 2);
    CHECK(server.store().temp_images().size() == 5);
}

TEST_CASE("names that are no UTF-8 make no output that is no JSON, of the tool and of the embedded server")
{
    sandbox::server server;
    const tool t{server};
    const std::string name = "b\xff\xe2\x80\xae.png"; // with an override of direction
    t.folder().write("a.png", sandbox::make_picture(20, 10).bytes);
    t.folder().write(name, sandbox::make_picture(20, 10).bytes);
    const auto both = t.run({"upload-temp-image", "a.png", name});
    REQUIRE_MESSAGE(both.status == 0, both.errors);
    CHECK_FALSE(contains(both.output, "\xff"));
    CHECK_FALSE(contains(both.output, "\xe2\x80\xae"));
    const auto lines = json::parse(both.output).as_array();
    CHECK(text(lines.at(1), "file") == "b\xef\xbf\xbd\xe2\x80\xae.png");
    CHECK(server.store().find_image(text(lines.at(1), "id")));

    server.misbehave({.times = 1, .headers = {{"Location", "/images/content/\xff"}}, .without = {"Location"}});
    CHECK(text(t.result({"upload-temp-image", "a.png"}), "location") == "/images/content/\xef\xbf\xbd");

    server.store().add_image({.id = "7", .name = name, .content = sandbox::content{"x"}});
    CHECK(text(t.result({"view-image", "7"}), "name") == "b\xef\xbf\xbd\xe2\x80\xae.png");
}

TEST_CASE("the tool reorders and deletes, and prints nothing then")
{
    sandbox::server server;
    const tool t{server};
    const auto add = [&](const std::string& id, const std::string& kind, const std::string& subject) {
        server.store().add_image({.id = id,
                                  .kind = kind,
                                  .content = sandbox::content{"x"},
                                  .owner = "7762070814178012479",
                                  .subject = subject});
    };
    add("1", "marketplace", ad);
    add("-2", "marketplace", ad);
    add("3", "profile", "");
    const auto silent = [&](const arguments& line) {
        const auto done = t.run(line);
        CHECK_MESSAGE(done.status == 0, done.errors);
        CHECK(done.output.empty());
        CHECK(done.errors.empty());
    };
    silent({"reorder-ad-images", ad, "-2", "1"});
    CHECK(server.store().advertisement_images(ad).front().id == "-2");
    silent({"reorder-profile-images", "self", "3", portrait});
    CHECK(server.store().user_images("7762070814178012479").front().id == "3");
    silent({"delete-image", "-2"});
    CHECK_FALSE(server.store().find_image("-2"));
}

TEST_CASE("the tool speaks both dialects")
{
    sandbox::server server{{.dialect = sandbox::dialect::any}};
    const tool t{server};
    t.result({"list-user-images", "self", "--fields", "id,name"});
    CHECK(contains(server.requests().back().target(), "fields=id&fields=name"));
    t.result({"list-user-images", "self", "--fields", "id,name", "--dialect", "4.16"});
    CHECK(contains(server.requests().back().target(), "fields=id%2Cname"));
}

TEST_CASE("the tool downloads an image in each way")
{
    sandbox::server server;
    const tool t{server};
    const auto whole = server.store().find_image(portrait)->content.kept();
    const auto saved = [&](const arguments& line, const char* file) {
        t.result(line);
        return read_file(t.folder() / file);
    };
    CHECK(saved({"get-image-content", "demo-portrait.png"}, "demo-portrait.png") == whole);
    CHECK(saved({"get-image-content-by-id", portrait}, portrait) == whole);
    CHECK(saved({"get-image-content-deprecated", "profile", "demo-portrait.png", "-o", "p"}, "p") == whole);

    const auto small = saved({"get-image-content", portrait, "--width", "32", "-o", "small.png"}, "small.png");
    CHECK(sandbox::inspect_picture(small)->width == 32);
    const auto low = saved({"get-image-content", portrait, "--height", "12", "-o", "low.png"}, "low.png");
    CHECK(sandbox::inspect_picture(low)->height == 12);

    const auto printed = t.run({"get-image-content", portrait, "-o", "-"});
    CHECK(printed.status == 0);
    CHECK(printed.output == whole);
    CHECK(printed.errors.empty());
    CHECK(t.files().size() == 5);
}

TEST_CASE("the tool replaces a file only when it is told to")
{
    const sandbox::server server;
    const tool t{server};
    t.folder().write("mine.png", "mine");
    const auto failure = t.error(2, {"get-image-content", portrait, "-o", "mine.png"});
    CHECK(failure.at("kind") == "refused");
    CHECK(server.requests().empty());
    CHECK(read_file(t.folder() / "mine.png") == "mine");

    t.result({"get-image-content", portrait, "-o", "mine.png", "--force"});
    CHECK(sandbox::inspect_picture(read_file(t.folder() / "mine.png")));
    CHECK(t.files() == arguments{"mine.png"});
}

TEST_CASE("a target is followed to where it leads, be it standard output, a device or another file")
{
    sandbox::server server;
    const tool t{server};
    const auto whole = server.store().find_image(portrait)->content.kept();
    for (const std::string how : {"--force", "--no-progress"}) {
        const auto printed = t.run({"get-image-content", portrait, "-o", "/dev/stdout", how});
        CHECK(printed.status == 0);
        CHECK(printed.output == whole);
        CHECK(t.run({"get-image-content", portrait, "-o", "/dev/null", how}).status == 0);
    }
    CHECK(std::filesystem::is_character_file("/dev/null"));
    CHECK(std::filesystem::is_symlink("/dev/stdout"));

    const auto real = t.folder().write("real.png", "old");
    std::filesystem::permissions(real, std::filesystem::perms{0600});
    std::filesystem::create_symlink("real.png", t.folder() / "link.png");
    t.result({"get-image-content", portrait, "-o", "link.png", "--force"});
    CHECK(std::filesystem::is_symlink(t.folder() / "link.png"));
    CHECK(read_file(real) == whole);
    CHECK(std::filesystem::status(real).permissions() == std::filesystem::perms{0600});
}

TEST_CASE("a target that cannot be written to is found before anything is asked for")
{
    const sandbox::server server;
    const tool t{server};
    std::filesystem::create_symlink("missing/new.png", t.folder() / "dangling.png");
    for (const std::string target : {"missing/x.png", "dangling.png", "."}) {
        const auto failure = t.error(2, {"get-image-content", portrait, "-o", target, "--force"});
        CHECK(failure.at("kind") == "refused");
        CHECK(text(failure, "message").starts_with("cannot write " + target + ": "));
    }
    CHECK(server.requests().empty());
}

TEST_CASE("a pipe or a device is no file to upload, and the way to upload it is named")
{
    const sandbox::server server;
    const tool t{server};
    REQUIRE(::mkfifo((t.folder() / "pipe").c_str(), 0600) == 0);
    for (const std::string file : {"pipe", "/dev/zero", "/proc/self/status"}) {
        const auto failure = t.error(2, {"upload-temp-image", file});
        CHECK(failure.at("kind") == "refused");
        CHECK(text(failure, "message").find("give - as the file") != std::string::npos);
    }
    CHECK(server.requests().empty());
}

TEST_CASE("a name that the tool picks stays in the current folder")
{
    sandbox::server server;
    server.store().add_image({.id = "9", .key = "../../.x y*.png", .content = sandbox::content{"x"}});
    const tool t{server};
    CHECK(text(t.result({"get-image-content", "../../.x y*.png"}), "file") == "_x y_.png");
    CHECK(t.files() == arguments{"_x y_.png"});
}

TEST_CASE("a client certificate is shown")
{
    const sandbox::server server{{.client_certificate = sandbox::client_certificate::required}};
    const tool t{server};
    const auto mine = server.issue_client_certificate("me");
    t.folder().write("me.pem", mine.certificate);
    t.folder().write("me.key", mine.key);
    CHECK(t.run({"view-image", portrait}).status == 4);
    t.result({"view-image", portrait, "--client-cert", "me.pem", "--client-key", "me.key"});
    CHECK(server.requests().back().client_subject == "me");
}

TEST_CASE("options win over the environment")
{
    const sandbox::server server;
    tool t{server};
    const auto last = [&](const char* field) { return server.requests().back().header(field).has_value(); };

    t.result({"view-image", portrait, "--session-token", "demo-session-token"});
    CHECK(last("Session-Token"));
    CHECK_FALSE(last("Authorization"));
    t.result({"--access-client-token", "demo-access-client-token", "view-image", portrait});
    CHECK(last("Access-Client-Token"));
    CHECK_FALSE(last("Authorization"));

    // The other half of what an option begins comes from the environment.
    CHECK(t.run({"--password", "wrong", "view-image", portrait}).status == 3);
    CHECK(t.run({"--url", dead_url(), "view-image", portrait}).status == 4);

    t.set("CYCLOS_USERNAME", "");
    t.set("CYCLOS_PASSWORD", "");
    t.set("CYCLOS_SESSION_TOKEN", "demo-session-token");
    t.result({"list-user-images", "self"});
    t.set("CYCLOS_SESSION_TOKEN", "");
    t.set("CYCLOS_ACCESS_CLIENT_TOKEN", "demo-access-client-token");
    t.result({"list-user-images", "self", "--channel", "mobile"});
    CHECK(server.requests().back().header("Channel") == "mobile");
}

TEST_CASE("a password is read from a file, or from standard input")
{
    const sandbox::server server;
    tool t{server};
    t.set("CYCLOS_PASSWORD", "wrong");
    t.folder().write("password", "demo\r\nand more\n");
    t.result({"--password-file", "password", "list-user-images", "self"});
    t.result({"--password-file", "-", "list-user-images", "self"}, "demo\n");
    CHECK(t.run({"--password-file", "missing", "list-user-images", "self"}).status == 2);
    CHECK(t.run({"--password-file", "-", "upload-user-image", "self", "-"}, "demo\n").status == 2);
}

TEST_CASE("help and version are no mistakes")
{
    const tool t;
    for (const char* option : {"--help", "-h"}) {
        const auto done = t.run({option});
        CHECK(done.status == 0);
        CHECK(contains(done.output, "get-image-content-deprecated"));
        CHECK(done.errors.empty());
    }
    CHECK(contains(t.run({"upload-temp-image", "--help"}).output, "--guest-key"));
    CHECK(t.run({"--version"}).output.starts_with("cyclos-images "));
}

TEST_CASE("the demo shows every step, and leaves nothing")
{
    tool t;
    temporary_directory scratch;
    t.set("TMPDIR", scratch.path().string());
    const auto done = t.run({"demo"});
    CHECK_MESSAGE(done.status == 0, done.errors);
    for (const char* step : {"upload_ad_image", "list_ad_images", "view_image", "get_image_content",
                             "reorder_ad_images", "delete_image", "80 x 60"}) {
        CAPTURE(step);
        CHECK(contains(done.output, step));
    }
    CHECK(std::filesystem::is_empty(scratch.path()));
    CHECK(t.files().empty());
}

TEST_CASE("the embedded server serves until it is interrupted")
{
    tool t;
    std::filesystem::create_directory(t.folder() / "ca");
    for (const bool plain : {false, true}) {
        CAPTURE(plain);
        arguments line{"serve", "--json", "--cert-dir", "ca"};
        if (plain) {
            line.push_back("--plain");
        }
        child_process server{t.process(line)};
        const auto told = json::parse(server.wait_for_output(""));
        t.set("CYCLOS_URL", text(told, "url"));
        CHECK(text(told, "url").starts_with(plain ? "http://" : "https://"));
        arguments look{"view-image", portrait};
        if (!plain) {
            look.insert(look.end(), {"--ca-file", text(told, "caFile")});
        }
        CHECK(text(t.result(look), "id") == portrait);
        server.send_signal(SIGINT);
        CHECK(server.wait().status == 0);
    }
}

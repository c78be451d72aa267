//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/tool.hpp"
#include "integration/support/integration_test.hpp"

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

TEST_CASE("tool: view-image prints an image")
{
    const sandbox::server server;
    const tool t{server};
    const auto details = t.result({"view-image", portrait});
    CHECK(text(details, "id") == portrait);
    CHECK(text(details, "contentType") == "image/png");
    CHECK(text(details, "kind") == "profile");
    CHECK(details.at("width").to_number<int>() == 64);

    CHECK(t.result({"view-image", "--fields", "id,name", "demo-portrait.png"}).as_object().size() ==
          2);
}

TEST_CASE("tool: negative ids, and anything after --, are arguments")
{
    sandbox::server server;
    server.store().add_image({.id = "-x", .content = sandbox::content{"x"}});
    const tool t{server};
    CHECK(text(t.result({"view-image", logo}), "id") == logo);
    CHECK(text(t.result({"view-image", "--fields", "id", "--", "-x"}), "id") == "-x");
    CHECK(t.run({"view-image", "-x"}).status == 2);
}

TEST_CASE("tool: the list commands print images and permissions")
{
    const sandbox::server server;
    const tool t{server};
    CHECK(t.result({"list-ad-images", ad}) == json::array{});
    const auto images =
        t.result({"list-user-images", "self", "--kind", "profile", "--fields", "id"});
    CHECK(images == json::array{json::object{{"id", portrait}}});
    CHECK(t.result({"list-user-images", "demo", "--kind", "custom"}) ==
          json::array{}); // also the name of a command

    CHECK(t.result({"get-ad-images-list-data", ad}).at("canManage") == true);
    const auto data =
        t.result({"get-user-images-list-data", "self", "--fields", "maxImages,images"});
    CHECK(data.as_object().size() == 2);
    CHECK(data.at("maxImages") == 10);
}

TEST_CASE("tool: the upload commands store images of each kind")
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
    CHECK(stored({"upload-contact-info-image-deprecated", contact_info, "me.png"}).kind ==
          "contactInfo");
    CHECK(stored({"upload-temp-image", "me.png", "--target", "userProfile", "--user", "self"})
              .target == "userProfile");
}

TEST_CASE("tool: temporary images of a guest are uploaded and listed by key")
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

TEST_CASE("tool: an upload reads standard input")
{
    sandbox::server server;
    const tool t{server};
    const auto picture = sandbox::make_picture(300, 200).bytes;
    const auto id = text(
        t.result({"upload-user-image", "self", "-", "--filename", "piped.png"}, picture), "id");
    const auto image = server.store().find_image(id);
    REQUIRE(image);
    CHECK(image->content.kept() == picture);
    CHECK(image->file_name == "piped.png");
    CHECK(image->content_type == "image/png");
    CHECK(server.requests().back().header("Transfer-Encoding") == "chunked");
}

TEST_CASE("tool: images of an advertisement or a user are stored in the order of the arguments")
{
    sandbox::server server;
    const tool t{server};
    const arguments names{"1.png", "2.png", "3.png", "4.png", "5.png"};
    arguments for_ad{"upload-ad-image", ad};
    arguments for_user{"upload-user-image", "self"};
    for (const std::string& name : names) {
        t.folder().write(name, sandbox::make_picture(20, 10).bytes);
        for_ad.push_back(name);
        for_user.push_back(name);
    }
    const auto in_order = [&](const std::vector<sandbox::image>& stored) {
        REQUIRE(stored.size() >= names.size());
        const std::size_t others = stored.size() - names.size();
        for (std::size_t n = 0; n < names.size(); ++n) {
            CHECK(stored[others + n].file_name == names[n]);
        }
    };
    // A slow upload still precedes the next one.
    server.misbehave(
        {.method = "POST", .times = 1, .answer_delay = std::chrono::milliseconds{300}});
    server.misbehave(
        {.method = "POST", .skip = 1, .times = 1, .answer_delay = std::chrono::milliseconds{150}});
    t.result(for_ad);
    in_order(server.store().advertisement_images(ad));
    server.clear_misbehaviours();
    server.reset_statistics();
    t.result(for_user);
    in_order(server.store().user_images("7762070814178012479"));
    // Each one began after the previous one had ended.
    CHECK(server.statistics().accepted == 1);
}

TEST_CASE("tool: several files are uploaded independently")
{
    sandbox::server server;
    const tool t{server};
    for (const char* name : {"one.png", "two.png", "three.png"}) {
        t.folder().write(name, sandbox::make_picture(20, 10).bytes);
    }
    const auto all = t.result({"upload-temp-image", "one.png", "two.png", "three.png"});
    REQUIRE(all.as_array().size() == 3);
    for (const auto& [place, name] :
         {std::pair{0U, "one.png"}, std::pair{1U, "two.png"}, std::pair{2U, "three.png"}}) {
        const auto& line = all.as_array()[place];
        CHECK(text(line, "file") == name);
        CHECK(server.store().find_image(text(line, "id"))->file_name == name);
    }

    const auto some = t.run({"--json", "upload-temp-image", "one.png", "missing.png", "three.png"});
    CHECK(some.status == 5); // some were stored
    const auto lines = json::parse(some.output).as_array();
    REQUIRE(lines.size() == 3);
    CHECK(server.store().find_image(text(lines[0], "id")));
    CHECK(text(lines[0], "status") == "stored");
    CHECK(text(lines[0], "sent") == "complete");
    CHECK(text(lines[1], "error") == "rejected");
    CHECK(text(lines[1], "status") == "failed");
    CHECK(text(lines[1], "sent") == "none");
    CHECK(contains(text(lines[1], "message"), "cannot read missing.png"));
    CHECK(server.store().find_image(text(lines[2], "id")));
    CHECK(
        contains(some.errors, "1 of 3 files were not uploaded, the first of them is missing.png"));
    CHECK(server.store().temp_images().size() == 5);

    CHECK(t.run({"upload-temp-image", "missing.png", "gone.png"}).status == 2); // none was
    CHECK(t.run({"upload-temp-image", "one.png", "-"}).status == 2);
    CHECK(t.run({"upload-temp-image", "--filename", "x.png", "one.png", "two.png"}).status == 2);
    CHECK(server.store().temp_images().size() == 5);
}

TEST_CASE("tool: the result of each file is printed after a timeout or Ctrl-C")
{
    sandbox::server server;
    const tool t{server};
    arguments line{"--json", "upload-ad-image", ad};
    for (const char* name : {"1.png", "2.png", "3.png"}) {
        t.folder().write(name, sandbox::make_picture(20, 10).bytes);
        line.emplace_back(name);
    }
    const auto check = [&](const std::string& output, const std::string& kind,
                           const std::string& message) {
        const auto all = json::parse(output).as_array();
        REQUIRE(all.size() == 3);
        CHECK(text(all[0], "status") == "stored");
        CHECK(server.store().find_image(text(all[0], "id")));
        // The server has received the second one completely, and does not respond.
        CHECK(text(all[1], "status") == "unknown");
        CHECK(text(all[1], "sent") == "complete");
        CHECK(text(all[1], "error") == kind);
        CHECK(contains(text(all[1], "message"),
                       message + "; the request was sent completely, so the image may be stored"));
        CHECK(text(all[2], "status") == "failed");
        CHECK(text(all[2], "sent") == "none");
        CHECK(contains(text(all[2], "message"), message + "; it was not started"));
    };
    server.misbehave({.method = "POST", .skip = 1, .instead = sandbox::ending::hang});
    child_process child{t.process(line)};
    test_context{}.until([&] {
        const auto all = server.requests();
        return all.size() == 2 && all.back().body_complete;
    });
    child.send_signal(SIGINT);
    CHECK(child.wait().signal == SIGINT);
    check(child.output(), "cancelled", "interrupted");

    server.clear_misbehaviours();
    server.misbehave({.method = "POST", .skip = 1, .instead = sandbox::ending::hang});
    line.insert(line.end(), {"--timeout", "3"});
    const auto late = t.run(line);
    CHECK(late.status == 5);
    check(late.output, "timeout", "the operation took longer than --timeout allows");
}

TEST_CASE("tool: what was done is reported if the result cannot be written")
{
    sandbox::server server;
    const tool t{server};
    t.folder().write("me.png", sandbox::make_picture(20, 10).bytes);
    t.folder().write("you.png", sandbox::make_picture(20, 10).bytes);
    const auto into_full_disk = [&](const arguments& line) {
        process_options options = t.process(line);
        options.command.insert(options.command.begin(),
                               {"sh", "-c", "exec \"$0\" \"$@\" > /dev/full"});
        child_process child{options};
        const auto end = child.wait();
        REQUIRE(end.status);
        return outcome{*end.status, child.output(), child.errors()};
    };
    const auto one = into_full_disk({"upload-temp-image", "me.png"});
    CHECK(one.status == 5);
    REQUIRE(server.store().temp_images().size() == 1);
    CHECK(contains(one.errors, "stored as " + server.store().temp_images().front().id +
                                   ", but standard output"));

    const auto several = into_full_disk({"upload-temp-image", "me.png", "missing.png", "you.png"});
    CHECK(several.status == 5);
    REQUIRE(server.store().temp_images().size() == 3);
    for (const auto& image : server.store().temp_images()) {
        CHECK((contains(several.errors, image.file_name + " is stored as " + image.id) ||
               contains(one.errors, "stored as " + image.id)));
    }
    CHECK(contains(several.errors, "missing.png: cannot read missing.png"));

    const auto saved = into_full_disk({"get-image-content", portrait, "-o", "p.png"});
    CHECK(saved.status == 5);
    CHECK(contains(saved.errors, "saved p.png, but standard output"));
    CHECK(into_full_disk({"view-image", portrait}).status == 4);
}

TEST_CASE(
    "tool: output is valid JSON for names that are not UTF-8, as is that of the embedded server")
{
    sandbox::server server;
    const tool t{server};
    const std::string name = "b\xff\xe2\x80\xae.png"; // contains a bidirectional override
    t.folder().write("a.png", sandbox::make_picture(20, 10).bytes);
    t.folder().write(name, sandbox::make_picture(20, 10).bytes);
    const auto both = t.run({"upload-temp-image", "a.png", name});
    REQUIRE_MESSAGE(both.status == 0, both.errors);
    CHECK_FALSE(contains(both.output, "\xff"));
    CHECK_FALSE(contains(both.output, "\xe2\x80\xae"));
    const auto lines = json::parse(both.output).as_array();
    CHECK(text(lines.at(1), "file") == "b\xef\xbf\xbd\xe2\x80\xae.png");
    CHECK(server.store().find_image(text(lines.at(1), "id")));

    server.misbehave({.times = 1,
                      .headers = {{"Location", "/images/content/\xff"}},
                      .omit_headers = {"Location"}});
    CHECK(text(t.result({"upload-temp-image", "a.png"}), "location") ==
          "/images/content/\xef\xbf\xbd");

    server.store().add_image({.id = "7", .name = name, .content = sandbox::content{"x"}});
    CHECK(text(t.result({"view-image", "7"}), "name") == "b\xef\xbf\xbd\xe2\x80\xae.png");
}

TEST_CASE("tool: the reorder and delete commands print nothing")
{
    sandbox::server server;
    const tool t{server};
    const auto add = [&](const std::string& id, const std::string& kind,
                         const std::string& subject) {
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

TEST_CASE("tool: --dialect selects the API version")
{
    sandbox::server server{{.api_version = sandbox::api_version::any}};
    const tool t{server};
    t.result({"list-user-images", "self", "--fields", "id,name"});
    CHECK(contains(server.requests().back().target(), "fields=id&fields=name"));
    t.result({"list-user-images", "self", "--fields", "id,name", "--dialect", "4.16"});
    CHECK(contains(server.requests().back().target(), "fields=id%2Cname"));
}

TEST_CASE("tool: the download commands save an image")
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
    CHECK(saved({"get-image-content-deprecated", "profile", "demo-portrait.png", "-o", "p"}, "p") ==
          whole);

    const auto small =
        saved({"get-image-content", portrait, "--width", "32", "-o", "small.png"}, "small.png");
    CHECK(sandbox::inspect_picture(small)->width == 32);
    const auto low =
        saved({"get-image-content", portrait, "--height", "12", "-o", "low.png"}, "low.png");
    CHECK(sandbox::inspect_picture(low)->height == 12);

    const auto printed = t.run({"get-image-content", portrait, "-o", "-"});
    CHECK(printed.status == 0);
    CHECK(printed.output == whole);
    CHECK(printed.errors.empty());
    CHECK(t.files().size() == 5);
}

TEST_CASE("tool: a file is replaced only with --force")
{
    const sandbox::server server;
    const tool t{server};
    t.folder().write("mine.png", "mine");
    const auto failure = t.error(2, {"get-image-content", portrait, "-o", "mine.png"});
    CHECK(failure.at("kind") == "rejected");
    CHECK(server.requests().empty());
    CHECK(read_file(t.folder() / "mine.png") == "mine");

    t.result({"get-image-content", portrait, "-o", "mine.png", "--force"});
    CHECK(sandbox::inspect_picture(read_file(t.folder() / "mine.png")));
    CHECK(t.files() == arguments{"mine.png"});
}

TEST_CASE("tool: output to standard output, a device or a symbolic link is written through it")
{
    sandbox::server server;
    const tool t{server};
    const auto whole = server.store().find_image(portrait)->content.kept();
    for (const std::string option : {"--force", "--no-progress"}) {
        const auto printed = t.run({"get-image-content", portrait, "-o", "/dev/stdout", option});
        CHECK(printed.status == 0);
        CHECK(printed.output == whole);
        CHECK(t.run({"get-image-content", portrait, "-o", "/dev/null", option}).status == 0);
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

TEST_CASE("tool: an output file that cannot be written is rejected before anything is sent")
{
    const sandbox::server server;
    const tool t{server};
    std::filesystem::create_symlink("missing/new.png", t.folder() / "dangling.png");
    for (const std::string target : {"missing/x.png", "dangling.png", "."}) {
        const auto failure = t.error(2, {"get-image-content", portrait, "-o", target, "--force"});
        CHECK(failure.at("kind") == "rejected");
        CHECK(text(failure, "message").starts_with("cannot write " + target + ": "));
    }
    CHECK(server.requests().empty());
}

TEST_CASE("tool: a pipe or device as upload file is rejected, and the error names the alternative")
{
    const sandbox::server server;
    const tool t{server};
    REQUIRE(::mkfifo((t.folder() / "pipe").c_str(), 0600) == 0);
    for (const std::string file : {"pipe", "/dev/zero", "/proc/self/status"}) {
        const auto failure = t.error(2, {"upload-temp-image", file});
        CHECK(failure.at("kind") == "rejected");
        CHECK(text(failure, "message").find("give - as the file") != std::string::npos);
    }
    CHECK(server.requests().empty());
}

TEST_CASE("tool: the default file name is in the current folder")
{
    sandbox::server server;
    server.store().add_image(
        {.id = "9", .key = "../../.x y*.png", .content = sandbox::content{"x"}});
    const tool t{server};
    CHECK(text(t.result({"get-image-content", "../../.x y*.png"}), "file") == "_x y_.png");
    CHECK(t.files() == arguments{"_x y_.png"});
}

TEST_CASE("tool: a client certificate is sent")
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

TEST_CASE("tool: options override the environment")
{
    const sandbox::server server;
    tool t{server};
    const auto last = [&](const char* field) {
        return server.requests().back().header(field).has_value();
    };

    t.result({"view-image", portrait, "--session-token", "demo-session-token"});
    CHECK(last("Session-Token"));
    CHECK_FALSE(last("Authorization"));
    t.result({"--access-client-token", "demo-access-client-token", "view-image", portrait});
    CHECK(last("Access-Client-Token"));
    CHECK_FALSE(last("Authorization"));

    // The other half of the credentials of an option is read from the environment.
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

TEST_CASE("tool: a password is read from a file or standard input")
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

TEST_CASE("tool: --help and --version succeed")
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

TEST_CASE("tool: demo prints each step, and leaves no files")
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

TEST_CASE("tool: serve runs the embedded server until it is interrupted")
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
        const auto info = json::parse(server.wait_for_output(""));
        t.set("CYCLOS_URL", text(info, "url"));
        CHECK(text(info, "url").starts_with(plain ? "http://" : "https://"));
        arguments look{"view-image", portrait};
        if (!plain) {
            look.insert(look.end(), {"--ca-file", text(info, "caFile")});
        }
        CHECK(text(t.result(look), "id") == portrait);
        server.send_signal(SIGINT);
        CHECK(server.wait().status == 0);
    }
}

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

// The generated manual and completions.

#include "integration/support/tool.hpp"

#include <algorithm>
#include <set>
#include <sstream>

using namespace cyclos::test;

namespace {

std::vector<std::string> lines_of(const std::string& text)
{
    std::istringstream stream{text};
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::string generated(const tool& t, const char* kind)
{
    const auto done = t.run({"--generate", kind});
    CHECK(done.status == 0);
    CHECK(done.errors.empty());
    return done.output;
}

/// The first words of the indented lines under a title of the help.
std::vector<std::string> terms_under(const std::string& help, const std::string& title)
{
    std::vector<std::string> terms;
    bool inside = false;
    for (const std::string& line : lines_of(help)) {
        if (line.starts_with("  ") && line[2] != ' ') {
            if (inside) {
                terms.push_back(line.substr(2, line.find(' ', 2) - 2));
            }
        }
        else if (!line.starts_with(' ')) {
            inside = line == title;
        }
    }
    return terms;
}

/// All long options in the help of the tool and of its commands.
std::set<std::string> options_in_help(const tool& t, const std::vector<std::string>& commands)
{
    std::set<std::string> all;
    const auto take = [&all](const std::string& help) {
        for (const char* title : {"Options:", "Server:", "Transport:", "Output:"}) {
            for (const std::string& term : terms_under(help, title)) {
                // An option may have several names: --api-version,--dialect
                std::istringstream names{term.substr(term.find("--"))};
                for (std::string name; std::getline(names, name, ',');) {
                    all.insert(name);
                }
            }
        }
    };
    take(t.run({"--help"}).output);
    for (const std::string& command : commands) {
        take(t.run({command, "--help"}).output);
    }
    return all;
}

std::vector<std::string> commands_in_help(const tool& t)
{
    return terms_under(t.run({"--help"}).output, "Commands:");
}

/// The completions of bash for the last word, without the tool itself.
std::vector<std::string> offered(const tool& t, arguments words)
{
    process_options bash = t.process({});
    bash.command = {
        "bash", "--norc", "-c",
        "source completion && COMP_WORDS=(cyclos-images \"$@\") COMP_CWORD=$# && _cyclos_images && "
        "printf '%s\\n' \"${COMPREPLY[@]}\"",
        "bash"};
    bash.command.insert(bash.command.end(), words.begin(), words.end());
    child_process child{bash};
    CHECK(child.wait().status == 0);
    CHECK(child.errors().empty());
    auto all = lines_of(child.output());
    std::erase(all, "");
    return all;
}

} // namespace

TEST_CASE("tool, generated texts: commands and options of the help are in the manual and in each "
          "completion")
{
    const tool t;
    const auto commands = commands_in_help(t);
    for (const char* command : {"view-image", "demo", "serve"}) {
        CHECK(std::ranges::count(commands, command) == 1);
    }
    const auto options = options_in_help(t, commands);
    for (const char* option :
         {"--url", "--retries", "--json", "--output", "--custom-field-kind", "--cert-dir"}) {
        CHECK(options.contains(option));
    }
    CHECK_FALSE(options.contains("--generate"));

    for (const char* kind : {"man", "bash", "zsh", "fish"}) {
        CAPTURE(kind);
        const std::string text = generated(t, kind);
        for (const std::string& command : commands) {
            CAPTURE(command);
            std::string name = command;
            for (auto at = name.find('-'); kind == std::string{"man"} && at != std::string::npos;
                 at = name.find('-', at + 2)) {
                name.insert(at, 1, '\\');
            }
            CHECK(contains(text, name));
        }
        for (std::string option : options) {
            CAPTURE(option);
            if (kind == std::string{"man"}) {
                for (std::size_t at = 0; (at = option.find('-', at)) != std::string::npos;
                     at += 2) {
                    option.insert(at, 1, '\\');
                }
            }
            CHECK(contains(text,
                           kind == std::string{"fish"} ? "-l " + option.substr(2) + ' ' : option));
        }
    }
}

TEST_CASE("tool, generated texts: the help fits 80 columns")
{
    const tool t;
    auto commands = commands_in_help(t);
    commands.emplace_back("--help");
    for (const std::string& command : commands) {
        for (const std::string& line : lines_of(t.run({command, "--help"}).output)) {
            CAPTURE(line);
            CHECK((line.size() < 80 || !line.starts_with(' ')));
        }
    }
}

TEST_CASE("tool, generated texts: the manual has all sections, and only requests of man(7)")
{
    const tool t;
    const auto lines = lines_of(generated(t, "man"));
    REQUIRE_FALSE(lines.empty());
    CHECK(lines.front().starts_with(".TH CYCLOS\\-IMAGES 1 "));
    for (const char* section :
         {".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH COMMANDS", ".SH OPTIONS",
          ".SH ENVIRONMENT", ".SH EXIT STATUS", ".SH SHELL COMPLETION"}) {
        CAPTURE(section);
        CHECK(std::count(lines.begin(), lines.end(), section) == 1);
    }
    const std::set<std::string> known{".TH", ".SH", ".SS", ".TP", ".PP"};
    for (std::size_t i = 0; i < lines.size(); ++i) {
        CAPTURE(lines[i]);
        CHECK_FALSE(lines[i].empty());
        CHECK_FALSE(lines[i].starts_with('\''));
        if (lines[i].starts_with('.')) {
            CHECK(known.contains(lines[i].substr(0, lines[i].find(' '))));
        }
        if (lines[i] == ".TP") { // a term and its meaning
            REQUIRE(i + 2 < lines.size());
            CHECK_FALSE(lines[i + 1].starts_with('.'));
            CHECK_FALSE(lines[i + 2].starts_with('.'));
        }
    }
}

TEST_CASE("tool, generated texts: the manual names only existing options")
{
    const tool t;
    auto known = options_in_help(t, commands_in_help(t));
    known.insert("--generate"); // hidden from the help
    std::string text = generated(t, "man");
    for (const char* escape : {"\\fB", "\\fI", "\\fR", "\\"}) {
        for (auto at = text.find(escape); at != std::string::npos; at = text.find(escape, at)) {
            text.erase(at, std::string_view{escape}.size());
        }
    }
    std::size_t named = 0;
    for (auto at = text.find("--"); at != std::string::npos; at = text.find("--", at + 2)) {
        const std::string option =
            text.substr(at, text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-", at) - at);
        CAPTURE(option);
        CHECK(known.contains(option));
        ++named;
    }
    CHECK(named > known.size());
}

TEST_CASE("tool, generated texts: bash completes commands, options and values")
{
    const tool t;
    t.folder().write("completion", generated(t, "bash"));
    t.folder().write("me.png", "x");

    CHECK(offered(t, {""}) == commands_in_help(t));
    CHECK(offered(t, {"view"}) == arguments{"view-image"});
    CHECK(offered(t, {"view-image", "--fi"}) == arguments{"--fields"});
    CHECK(offered(t, {"view-image", "--ki"}).empty());
    CHECK(offered(t, {"list-user-images", "self", "--kind", ""}) == arguments{"custom", "profile"});
    CHECK(offered(t, {"--dialect", "4.16", "list-user-images", "--kind", "p"}) ==
          arguments{"profile"});
    CHECK(offered(t, {"--dialect", "="}) == arguments{"4.11", "4.16"}); // as bash breaks --dialect=
    CHECK(offered(t, {"view-image", "--dialect", "=", "4.1"}) == arguments{"4.11", "4.16"});

    // A value may look like a command, and unknown values are not guessed.
    CHECK(offered(t, {"--username", "view-image", "delete"}) == arguments{"delete-image"});
    CHECK(offered(t, {"--username", ""}).empty());

    CHECK(offered(t, {"upload-ad-image", ""}).empty());
    CHECK(offered(t, {"upload-ad-image", "42", "m"}) == arguments{"me.png"});
    CHECK(offered(t, {"upload-ad-image", "--json", "42", "me.png", "--name", "x", "m"}) ==
          arguments{"me.png"});
    CHECK(offered(t, {"--ca-file", "m"}) == arguments{"me.png"});
    CHECK(offered(t, {"get-image-content", "42", "-o", "m"}) == arguments{"me.png"});
    const auto kinds = offered(t, {"get-image-content-deprecated", ""});
    CHECK(std::find(kinds.begin(), kinds.end(), "voucherType") != kinds.end());
    CHECK(offered(t, {"get-image-content-deprecated", "profile", ""}).empty());
}

TEST_CASE("tool, generated texts: an unknown kind of text is rejected")
{
    const tool t;
    CHECK(contains(t.run({"--generate", "html"}).errors, "man, bash, zsh or fish"));
    CHECK(t.run({"--generate", "html"}).status == 2);
}

TEST_CASE("tool, generated texts: a misspelt command or option gives a suggestion")
{
    const tool t;
    CHECK(contains(t.run({"veiw-image", "17"}).errors, "did you mean view-image?"));
    CHECK(contains(t.run({"view-image", "17", "--feilds", "id"}).errors, "did you mean --fields?"));
    CHECK(
        contains(t.run({"view-image", "17", "--retires", "3"}).errors, "did you mean --retries?"));
    CHECK_FALSE(contains(t.run({"something", "17"}).errors, "did you mean"));
    CHECK(contains(t.run({"view-image"}).errors, "see cyclos-images view-image --help"));
}

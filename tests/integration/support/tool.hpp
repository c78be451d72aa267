//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_TOOL_HPP
#define CYCLOS_TESTS_TOOL_HPP

#include "integration/support/child_process.hpp"
#include "integration/support/temporary_directory.hpp"
#include "test_paths.hpp"

#include <cyclos/sandbox/server.hpp>

#include <boost/json.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cyclos::test {

namespace json = boost::json;

using arguments = std::vector<std::string>;
using variables = std::map<std::string, std::string>;

// The default contents of the embedded server.
inline constexpr const char* ad = "7762070814178013001";
inline constexpr const char* contact_info = "7762070814178014001";
inline constexpr const char* portrait = "7762070814178015001"; // of the user demo
inline constexpr const char* logo = "-7762070814178015002";    // of the system

/// The exit status and the output of the tool.
struct outcome
{
    int status = -1;
    std::string output = {};
    std::string errors = {};
};

/// The tool as a user runs it: in a folder, with an environment. The environment of the test is not
/// used.
class tool
{
public:
    tool() = default;

    explicit tool(const sandbox::server& server)
    {
        environment_["CYCLOS_URL"] = server.url();
        environment_["CYCLOS_USERNAME"] = "demo";
        environment_["CYCLOS_PASSWORD"] = "demo";
        options_ = {"--ca-file", server.ca_file().string()};
    }

    void set(const std::string& variable, const std::string& value)
    {
        environment_[variable] = value;
    }

    process_options process(const arguments& line) const
    {
        process_options options;
        options.command = {paths::tool};
        options.command.insert(options.command.end(), options_.begin(), options_.end());
        options.command.insert(options.command.end(), line.begin(), line.end());
        options.environment = environment_;
        options.working_directory = folder_.path();
        return options;
    }

    /// The same in a terminal with cursor control and colours.
    process_options process_in_terminal(const arguments& line, window_size size = {}) const
    {
        process_options options = process(line);
        options.terminal = size;
        options.environment.insert({"TERM", "xterm"});
        options.environment.insert({"NO_COLOR", ""});
        return options;
    }

    outcome run(const arguments& line, std::string_view input = {}) const
    {
        child_process child{process(line)};
        child.write(input);
        child.close_input();
        const auto end = child.wait();
        REQUIRE(end.status);
        return {*end.status, child.output(), child.errors()};
    }

    /// Its output as JSON; it must succeed without messages.
    json::value result(const arguments& line, std::string_view input = {}) const
    {
        const auto done = run(line, input);
        REQUIRE_MESSAGE(done.status == 0, done.errors);
        CHECK(done.errors.empty());
        return json::parse(done.output);
    }

    /// The error that it prints with `--json`.
    json::object error(int status, arguments line, std::string_view input = {}) const
    {
        line.push_back("--json");
        const auto done = run(line, input);
        CHECK(done.status == status);
        CHECK(done.output.empty());
        REQUIRE_FALSE(done.errors.empty());
        CHECK(done.errors.find('\n') == done.errors.size() - 1);
        return json::parse(done.errors).at("error").as_object();
    }

    const temporary_directory& folder() const { return folder_; }

    std::vector<std::string> files() const
    {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator{folder_.path()}) {
            names.push_back(entry.path().filename().string());
        }
        return names;
    }

private:
    temporary_directory folder_;
    variables environment_{{"CYCLOS_URL", ""},
                           {"CYCLOS_USERNAME", ""},
                           {"CYCLOS_PASSWORD", ""},
                           {"CYCLOS_SESSION_TOKEN", ""},
                           {"CYCLOS_ACCESS_CLIENT_TOKEN", ""}};
    arguments options_;
};

inline bool contains(std::string_view text, std::string_view part)
{
    return text.find(part) != std::string_view::npos;
}

/// The URL of a closed port.
inline std::string dead_url()
{
    const sandbox::server gone;
    return gone.url();
}

} // namespace cyclos::test

#endif // CYCLOS_TESTS_TOOL_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "command_line.hpp"

#include "completion.hpp"
#include "console.hpp"
#include "grammar.hpp"
#include "manual.hpp"
#include "suggestion.hpp"

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tool {
namespace {

std::string suggestion_for(std::string_view word, const std::vector<std::string>& candidates)
{
    const std::string_view match = closest_match(word, candidates);
    return match.empty() ? std::string{} : " (did you mean " + std::string{match} + "?)";
}

std::vector<std::string> option_names(const CLI::App& app)
{
    std::vector<std::string> names;
    for (const CLI::App* owner = &app; owner; owner = owner->get_parent()) {
        for (const CLI::Option* option : options_of(*owner)) {
            const auto spellings = spellings_of(*option);
            names.insert(names.end(), spellings.begin(), spellings.end());
        }
    }
    return names;
}

std::string describe_unknown_command(std::string_view word, const CLI::App& app)
{
    std::vector<std::string> names;
    for (const CLI::App* command : commands_of(app)) {
        names.push_back(command->get_name());
    }
    return "there is no such command" + suggestion_for(word, names);
}

/// Lists the unknown options. Omits unknown values: they may be secrets of misspelt options.
std::string describe_extras(const CLI::App& app)
{
    const auto commands = app.get_subcommands();
    const CLI::App& command = commands.empty() ? app : *commands.front();
    std::string options;
    std::string suggestion;
    for (const std::string& extra : app.remaining(true)) {
        if (extra.starts_with('-') && extra.size() > 1 && extra != "--") {
            const std::string name =
                extra.starts_with("--") ? extra.substr(0, extra.find('=')) : extra.substr(0, 2);
            options += (options.empty() ? "" : ", ") + name;
            if (suggestion.empty()) {
                suggestion = suggestion_for(name, option_names(command));
            }
        }
    }
    return options.empty() ? "too many arguments" : "unknown option " + options + suggestion;
}

std::string describe(const CLI::ParseError& error, const CLI::App& app)
{
    if (app.get_subcommands().empty() && app.remaining_size() > 0) {
        const std::string first = app.remaining().front();
        return first.starts_with('-') ? describe_extras(app) : describe_unknown_command(first, app);
    }
    if (dynamic_cast<const CLI::ExtrasError*>(&error)) {
        return describe_extras(app);
    }
    if (dynamic_cast<const CLI::ConversionError*>(&error)) {
        return "an option has an invalid value"; // CLI11's message contains it: it may be a secret
    }
    const bool no_command =
        app.get_subcommands().empty() && dynamic_cast<const CLI::RequiredError*>(&error);
    return no_command ? "no command is given" : error.what();
}

/// Refers to the help of the command, or of the tool.
std::string help_reference(const std::string& command)
{
    return "; see cyclos-images " + (command.empty() ? "" : command + ' ') + "--help";
}

std::string requested_text(const CLI::Success& success, const grammar& g)
{
    if (g.requested_text.empty()) {
        std::ostringstream text;
        g.app.exit(success, text, text);
        return text.str();
    }
    return g.requested_text == "man" ? manual(g) : completion(g, g.requested_text);
}

} // namespace

bool read_command_line(std::vector<std::string> words, invocation& options)
{
    // The parser may stop at an error before it reads --json, but the error must be printed as
    // JSON.
    options.json = std::find(words.begin(), words.end(), "--json") != words.end();

    grammar g{options};
    try {
        std::reverse(words.begin(), words.end()); // CLI11 expects this order
        g.app.parse(std::move(words));
        return true;
    }
    catch (const CLI::Success& success) {
        console{options}.print_result(requested_text(success, g));
        return false;
    }
    catch (const CLI::ParseError& error) {
        if (const auto commands = g.app.get_subcommands(); !commands.empty()) {
            options.command = commands.front()->get_name();
        }
        throw command_rejected(describe(error, g.app) + help_reference(options.command));
    }
}

} // namespace tool

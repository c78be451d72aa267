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

std::string hint(std::string_view word, const std::vector<std::string>& known)
{
    const std::string_view meant = closest(word, known);
    return meant.empty() ? std::string{} : " (did you mean " + std::string{meant} + "?)";
}

std::vector<std::string> known_options(const CLI::App& app)
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
    return "there is no such command" + hint(word, names);
}

/// Names the options that are not known, but no value: that may be a secret behind a misspelt option.
std::string describe_extras(const CLI::App& app)
{
    const auto begun = app.get_subcommands();
    const CLI::App& command = begun.empty() ? app : *begun.front();
    std::string options;
    std::string meant;
    for (const std::string& extra : app.remaining(true)) {
        if (extra.starts_with('-') && extra.size() > 1 && extra != "--") {
            const std::string name = extra.starts_with("--") ? extra.substr(0, extra.find('=')) : extra.substr(0, 2);
            options += (options.empty() ? "" : ", ") + name;
            meant = meant.empty() ? hint(name, known_options(command)) : meant;
        }
    }
    return options.empty() ? "too many arguments" : "unknown option " + options + meant;
}

std::string describe(const CLI::ParseError& wrong, const CLI::App& app)
{
    if (app.get_subcommands().empty() && app.remaining_size() > 0) {
        const std::string first = app.remaining().front();
        return first.starts_with('-') ? describe_extras(app) : describe_unknown_command(first, app);
    }
    if (dynamic_cast<const CLI::ExtrasError*>(&wrong)) {
        return describe_extras(app);
    }
    if (dynamic_cast<const CLI::ConversionError*>(&wrong)) {
        return "a value is not one that its option takes"; // CLI11 repeats it, and it may be a secret
    }
    const bool no_command = app.get_subcommands().empty() && dynamic_cast<const CLI::RequiredError*>(&wrong);
    return no_command ? "there is no command" : wrong.what();
}

/// Where the help that helps now is found.
std::string help_for(const std::string& command)
{
    return "; see cyclos-images " + (command.empty() ? "" : command + ' ') + "--help";
}

std::string text_for(const CLI::Success& asked, const grammar& g)
{
    if (g.wanted_text.empty()) {
        std::ostringstream text;
        g.app.exit(asked, text, text);
        return text.str();
    }
    return g.wanted_text == "man" ? manual(g) : completion(g, g.wanted_text);
}

} // namespace

bool read_command_line(std::vector<std::string> words, invocation& given)
{
    // Reading may stop at the first mistake, but how to complain about it has to be known.
    given.json = std::find(words.begin(), words.end(), "--json") != words.end();

    grammar g{given};
    try {
        std::reverse(words.begin(), words.end()); // as CLI11 takes them
        g.app.parse(std::move(words));
        return true;
    }
    catch (const CLI::Success& asked) {
        console{given}.result(text_for(asked, g));
        return false;
    }
    catch (const CLI::ParseError& wrong) {
        if (const auto begun = g.app.get_subcommands(); !begun.empty()) {
            given.command = begun.front()->get_name();
        }
        throw refusal(describe(wrong, g.app) + help_for(given.command));
    }
}

} // namespace tool

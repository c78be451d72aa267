//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "completion.hpp"

namespace tool {
namespace {

std::string quote(std::string_view text)
{
    std::string result = "'";
    for (const char c : text) {
        result += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    }
    return result + '\'';
}

/// Options of `complete` for the completions of a value: its choices, files, or nothing.
std::string fish_values(const grammar& g, const CLI::Option& option)
{
    if (const auto choices = g.choices.find(&option); choices != g.choices.end()) {
        std::string text;
        for (const std::string& choice : choices->second) {
            text += (text.empty() ? "" : " ") + choice;
        }
        return " -x -a " + quote(text);
    }
    return g.files.contains(&option) ? " -r -F" : " -x";
}

/// @param condition An option of `complete` with a leading space; empty: no condition.
std::string fish_options(const grammar& g, const CLI::App& app, const std::string& condition)
{
    std::string text;
    for (const CLI::Option* option : options_of(app)) {
        text += "complete -c cyclos-images" + condition;
        for (const std::string& spelling : spellings_of(*option)) {
            text += spelling.starts_with("--") ? " -l " + spelling.substr(2)
                                               : " -s " + spelling.substr(1);
        }
        text += takes_value(*option) ? fish_values(g, *option) : "";
        text += " -d " + quote(option->get_description()) + '\n';
    }
    return text;
}

/// fish does not know the positions of arguments, so it offers the values of all arguments at each.
std::string argument_values(const grammar& g, const CLI::App& command, const std::string& condition)
{
    std::string text;
    for (const CLI::Option* argument : positionals_of(command)) {
        if (g.files.contains(argument) || g.choices.contains(argument)) {
            const std::string all = fish_values(g, *argument);
            text += "complete -c cyclos-images" + condition + all.substr(all.find(' ', 1)) + '\n';
        }
    }
    return text;
}

} // namespace

std::string completion_for_fish(const grammar& g)
{
    std::string text =
        "# Completes the command line of cyclos-images in fish.\n\ncomplete -c cyclos-images -f\n" +
        fish_options(g, g.app, "");
    for (const CLI::App* command : commands_of(g.app)) {
        const std::string& name = command->get_name();
        const std::string condition = " -n '__fish_seen_subcommand_from " + name + "'";
        text += "complete -c cyclos-images -n __fish_use_subcommand -a " + name + " -d " +
                quote(command->get_description()) + '\n';
        text += fish_options(g, *command, condition) + argument_values(g, *command, condition);
    }
    return text;
}

} // namespace tool

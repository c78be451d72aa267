//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "help_formatter.hpp"

#include "grammar.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace tool {
namespace {

constexpr std::size_t line_width = 79;
constexpr std::size_t first_column = 32;

/// Wraps words into lines that begin at column @p begin. Adds no indentation to the first line.
std::string wrapped(std::string_view words, std::size_t begin)
{
    std::string text;
    std::size_t column = begin;
    while (!words.empty()) {
        const std::string_view word = words.substr(0, words.find(' '));
        words.remove_prefix(std::min(word.size() + 1, words.size()));
        if (column > begin && column + 1 + word.size() > line_width) {
            text += '\n' + std::string(begin, ' ');
            column = begin;
        }
        text += column > begin ? " " : "";
        column += (column > begin ? 1 : 0) + word.size();
        text += word;
    }
    return text;
}

std::string entry(std::string name, std::string_view meaning)
{
    name = "  " + name;
    if (name.size() + 2 > first_column) {
        name += '\n' + std::string(first_column, ' ');
    }
    else {
        name.resize(first_column, ' ');
    }
    return name + wrapped(meaning, first_column) + '\n';
}

} // namespace

help_formatter::help_formatter(const std::map<const CLI::Option*, std::string_view>& variables)
    : variables_(variables)
{
    label("Positionals", "Arguments");
    label("POSITIONALS", "Arguments"); // the name in CLI11 2.6
}

std::string help_formatter::make_help(const CLI::App* app, std::string name,
                                      CLI::AppFormatMode mode) const
{
    std::string text =
        app->get_description() + '\n' + make_usage(app, std::move(name)) + make_positionals(app);
    for (const std::string& group : app->get_groups()) {
        const auto options = app->get_options([&group](const CLI::Option* option) {
            return option->nonpositional() && !group.empty() && option->get_group() == group;
        });
        text += options.empty() ? "" : make_group(group, false, options);
    }
    return text + make_subcommands(app, mode) + make_footer(app);
}

// The default formatter of CLI11 does not print "Usage:" since 2.6.
std::string help_formatter::make_usage(const CLI::App* app, std::string name) const
{
    std::string text = "Usage: " + std::move(name) + " [OPTIONS]";
    for (const CLI::Option* argument : positionals_of(*app)) {
        text += ' ' + make_option_usage(argument);
    }
    return text + (commands_of(*app).empty() ? "\n" : " COMMAND\n");
}

std::string help_formatter::make_option(const CLI::Option* option, bool is_positional) const
{
    return entry(make_option_name(option, is_positional) + make_option_opts(option),
                 make_option_desc(option));
}

std::string help_formatter::make_option_opts(const CLI::Option* option) const
{
    const std::string type = option->get_type_name();
    return option->get_items_expected_max() == 0 || type.empty() ? "" : ' ' + type;
}

std::string help_formatter::make_option_desc(const CLI::Option* option) const
{
    std::string text = option->get_description();
    if (const auto variable = variables_.find(option); variable != variables_.end()) {
        text.append(" [").append(variable->second).append("]");
    }
    return text;
}

std::string help_formatter::make_subcommand(const CLI::App* command) const
{
    return entry(command->get_name(), command->get_description());
}

std::string help_formatter::make_footer(const CLI::App* app) const
{
    std::string text;
    const std::string footer =
        app->get_parent() ? "`cyclos-images --help` shows the options that all commands have."
                          : app->get_footer();
    std::string_view rest = footer;
    while (!rest.empty()) {
        const std::string_view paragraph = rest.substr(0, rest.find("\n\n"));
        rest.remove_prefix(std::min(paragraph.size() + 2, rest.size()));
        text += '\n' + wrapped(paragraph, 0) + '\n';
    }
    return text;
}

} // namespace tool

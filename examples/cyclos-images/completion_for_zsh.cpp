//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "completion.hpp"

namespace tool {
namespace {

constexpr std::string_view beginning_for_zsh = R"(#compdef cyclos-images

# Completes the command line of cyclos-images in zsh.

_cyclos-images()
{
    local curcontext=$curcontext state line
    local -a commands common specifications
    typeset -A opt_args

)";

constexpr std::string_view middle_for_zsh = R"(
    _arguments -C $common '1:command:->command' '*::argument:->argument' && return 0
    if [[ $state == command ]]; then
        _describe -t commands command commands
        return
    fi
    case $line[1] in
)";

constexpr std::string_view end_for_zsh = R"(    esac
    _arguments $common $specifications
}

if [[ $funcstack[1] == _cyclos-images ]]; then
    _cyclos-images "$@"
else
    compdef _cyclos-images cyclos-images
fi
)";

/// Escapes text for single quotes, and colons and brackets for `_arguments`.
std::string escaped_for_zsh(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        if (c == '\'') {
            result += "'\\''";
        }
        else {
            result += c == ':' || c == '[' || c == ']' || c == '\\' ? std::string{'\\', c}
                                                                    : std::string(1, c);
        }
    }
    return result;
}

/// The last part of a specification, with the completions of a value.
std::string zsh_values(const grammar& g, const CLI::Option& option)
{
    if (const auto choices = g.choices.find(&option); choices != g.choices.end()) {
        std::string text;
        for (const std::string& choice : choices->second) {
            text += (text.empty() ? "" : " ") + choice;
        }
        return "(" + text + ")";
    }
    return g.files.contains(&option) ? "_files" : "";
}

/// The specification of an option for `_arguments`, in quotes.
std::string specification(const grammar& g, const CLI::Option& option, const std::string& spelling)
{
    std::string text = '\'' + spelling;
    if (takes_value(option) && spelling.starts_with("--")) {
        text += '='; // the value may also be in the same word
    }
    text.append("[").append(escaped_for_zsh(option.get_description())).append("]");
    if (takes_value(option)) {
        text.append(":")
            .append(escaped_for_zsh(option.get_type_name()))
            .append(":")
            .append(zsh_values(g, option));
    }
    return text + '\'';
}

/// A shell array with the specifications of the tool or of a command.
std::string specifications(const grammar& g, const CLI::App& app, const std::string& indent)
{
    std::string text = "(\n";
    for (const CLI::Option* option : options_of(app)) {
        for (const std::string& spelling : spellings_of(*option)) {
            text.append(indent)
                .append("    ")
                .append(specification(g, *option, spelling))
                .append("\n");
        }
    }
    for (const CLI::Option* argument : positionals_of(app)) {
        text.append(indent).append(is_list(*argument) ? "    '*:" : "    ':");
        text.append(escaped_for_zsh(argument->get_name()))
            .append(":")
            .append(zsh_values(g, *argument))
            .append("'\n");
    }
    return text.append(indent).append(")");
}

} // namespace

std::string completion_for_zsh(const grammar& g)
{
    std::string text{beginning_for_zsh};
    std::string cases;
    text += "    commands=(\n";
    for (const CLI::App* command : commands_of(g.app)) {
        const std::string& name = command->get_name();
        text.append("        '")
            .append(name)
            .append(":")
            .append(escaped_for_zsh(command->get_description()))
            .append("'\n");
        cases.append("        ").append(name).append(")\n            specifications=");
        cases.append(specifications(g, *command, "            ")).append("\n            ;;\n");
    }
    text += "    )\n    common=" + specifications(g, g.app, "    ") + '\n';
    return text.append(middle_for_zsh).append(cases).append(end_for_zsh);
}

} // namespace tool

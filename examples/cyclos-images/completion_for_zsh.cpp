//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "completion.hpp"

namespace tool {
namespace {

/// Text between single quotes, in which a colon and brackets mean nothing to `_arguments`.
std::string escaped(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        if (c == '\'') {
            result += "'\\''";
        }
        else {
            result += c == ':' || c == '[' || c == ']' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
        }
    }
    return result;
}

/// What can stand for a value, as the last part of a specification.
std::string values(const grammar& g, const CLI::Option& option)
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

std::string specifications(const grammar& g, const CLI::App& app, const std::string& indent)
{
    std::string text;
    for (const CLI::Option* option : options_of(app)) {
        for (const std::string& spelling : spellings_of(*option)) {
            text += indent + '\'' + spelling;
            // What follows a long name may also be joined to it.
            text += takes_value(*option) && spelling.starts_with("--") ? "=" : "";
            text += "[" + escaped(option->get_description()) + "]";
            if (takes_value(*option)) {
                text += ":" + escaped(option->get_type_name()) + ":" + values(g, *option);
            }
            text += "' \\\n";
        }
    }
    return text;
}

std::string argument_specifications(const grammar& g, const CLI::App& command, const std::string& indent)
{
    std::string text;
    for (const CLI::Option* argument : positionals_of(command)) {
        text += indent + '\'' + (is_list(*argument) ? "*" : "") + ':' + escaped(argument->get_name()) + ':' +
                values(g, *argument) + "' \\\n";
    }
    return text;
}

} // namespace

std::string completion_for_zsh(const grammar& g)
{
    const std::string common = specifications(g, g.app, "        ");
    std::string text = "#compdef cyclos-images\n\n# Completes the command line of cyclos-images in zsh.\n\n"
                       "_cyclos-images()\n{\n    local curcontext=$curcontext state line\n"
                       "    local -a commands common\n    typeset -A opt_args\n\n    commands=(\n";
    for (const CLI::App* command : commands_of(g.app)) {
        text += "        '" + command->get_name() + ":" + escaped(command->get_description()) + "'\n";
    }
    text += "    )\n    common=(\n";
    for (std::string_view left = common; !left.empty();) { // an array has no continued lines
        text += std::string{left.substr(0, left.find(" \\\n"))} + '\n';
        left.remove_prefix(left.find('\n') + 1);
    }
    text += "    )\n\n    _arguments -C $common '1:command:->command' '*::argument:->argument' && return 0\n\n"
            "    case $state in\n        command) _describe -t commands command commands ;;\n        argument)\n"
            "            case $line[1] in\n";
    const std::string indent(20, ' ');
    for (const CLI::App* command : commands_of(g.app)) {
        text += "                " + command->get_name() + ")\n" + indent + "_arguments $common \\\n" +
                specifications(g, *command, indent + "    ") + argument_specifications(g, *command, indent + "    ") +
                indent + "    && return 0\n" + indent + ";;\n";
    }
    return text + "            esac\n            ;;\n    esac\n}\n\n"
                  "if [[ $funcstack[1] == _cyclos-images ]]; then\n    _cyclos-images \"$@\"\nelse\n"
                  "    compdef _cyclos-images cyclos-images\nfi\n";
}

} // namespace tool

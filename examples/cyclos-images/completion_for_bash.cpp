//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "completion.hpp"

#include <algorithm>
#include <cstddef>

namespace tool {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view between)
{
    std::string text;
    for (const std::string& word : words) {
        text.append(text.empty() ? "" : between).append(word);
    }
    return text;
}

std::vector<std::string> option_words(const CLI::App& app)
{
    std::vector<std::string> words;
    for (const CLI::Option* option : options_of(app)) {
        const auto spellings = spellings_of(*option);
        words.insert(words.end(), spellings.begin(), spellings.end());
    }
    return words;
}

void add_value_options(std::vector<std::string>& words, const CLI::App& app)
{
    for (const CLI::Option* option : options_of(app)) {
        if (takes_value(*option)) {
            const auto spellings = spellings_of(*option);
            words.insert(words.end(), spellings.begin(), spellings.end());
        }
    }
}

/// The options that take a value: the next word is the value, even if it looks like an option.
std::vector<std::string> value_options(const CLI::App& app)
{
    std::vector<std::string> words;
    add_value_options(words, app);
    for (const CLI::App* command : commands_of(app)) {
        add_value_options(words, *command);
    }
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
}

/// Shell code that sets the completions of a value: its choices, files, or nothing.
std::string value_completion(const grammar& g, const CLI::Option& option)
{
    if (const auto choices = g.choices.find(&option); choices != g.choices.end()) {
        return "words='" + joined(choices->second, " ") + "'";
    }
    return g.files.contains(&option) ? "files=yes" : ":";
}

/// The `case` branches for the values of options. The patterns are `COMMAND OPTION`.
/// @param command The beginning of each pattern, with its opening quotation mark.
std::string value_cases(const grammar& g, const CLI::App& app, const std::string& command)
{
    std::string text;
    for (const CLI::Option* option : options_of(app)) {
        if (takes_value(*option)) {
            std::vector<std::string> patterns;
            for (const std::string& spelling : spellings_of(*option)) {
                patterns.emplace_back(command).append(" ").append(spelling).append("'");
            }
            text += "        " + joined(patterns, " | ") + ") " + value_completion(g, *option) +
                    " ;;\n";
        }
    }
    return text;
}

/// The `case` branches for arguments. The patterns are `COMMAND POSITION`.
std::string argument_cases(const grammar& g, const CLI::App& command)
{
    std::string text;
    std::size_t index = 0;
    for (const CLI::Option* argument : positionals_of(command)) {
        const std::string position = is_list(*argument) ? "'*" : std::to_string(index) + "'";
        text += "        '" + command.get_name() + ' ' + position + ") " +
                value_completion(g, *argument) + " ;;\n";
        ++index;
    }
    return text;
}

constexpr std::string_view beginning = R"(# Completes the command line of cyclos-images in bash.

_cyclos_images()
{
    local current=${COMP_WORDS[COMP_CWORD]} option='' command='' position=0 words='' files='' i
    COMPREPLY=()

    # bash splits --option=value into three words if COMP_WORDBREAKS contains the equals sign.
    for ((i = 1; i < COMP_CWORD; ++i)); do
        if [[ ${COMP_WORDS[i]} == = ]]; then
            continue
        fi
        if [[ -n $option ]]; then
            option=''
            continue
        fi
        case ${COMP_WORDS[i]} in
)";

constexpr std::string_view middle = R"(            -*) ;;
            *)
                if [[ -z $command ]]; then
                    command=${COMP_WORDS[i]}
                else
                    ((++position))
                fi
                ;;
        esac
    done
    if [[ $current == = ]]; then
        current=''
    fi

    if [[ -n $option ]]; then
        case "$command $option" in
)";

constexpr std::string_view end = R"(    if [[ -n $words ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    elif [[ -n $files ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    fi
}

complete -F _cyclos_images cyclos-images
)";

} // namespace

std::string completion_for_bash(const grammar& g)
{
    std::vector<std::string> names;
    std::string options_by_command;
    std::string values = value_cases(g, g.app, "*'");
    std::string arguments;
    for (const CLI::App* command : commands_of(g.app)) {
        names.push_back(command->get_name());
        options_by_command += "            " + command->get_name() + ") words+=' " +
                              joined(option_words(*command), " ") + "' ;;\n";
        values += value_cases(g, *command, "'" + command->get_name());
        arguments += argument_cases(g, *command);
    }
    std::string text{beginning};
    text += "            " + joined(value_options(g.app), " | ") + ") option=${COMP_WORDS[i]} ;;\n";
    text += middle;
    text += values + "        esac\n";
    text += "    elif [[ $current == -* ]]; then\n        words='" +
            joined(option_words(g.app), " ") + "'\n";
    text += "        case $command in\n" + options_by_command + "        esac\n";
    text += "    elif [[ -z $command ]]; then\n        words='" + joined(names, " ") + "'\n";
    text +=
        "    else\n        case \"$command $position\" in\n" + arguments + "        esac\n    fi\n";
    return text.append(end);
}

} // namespace tool

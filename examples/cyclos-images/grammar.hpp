//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_GRAMMAR_HPP
#define CYCLOS_TOOL_GRAMMAR_HPP

#include "invocation.hpp"

#include <CLI/CLI.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tool {

/** All that the command line can say: what reads it, and what the help, the manual and the completions are made from.

    CLI11 knows the commands and their options; the rest is what it has no place for.
*/
struct grammar
{
    /// @param to Where what is read goes; it has to stay for as long as this.
    explicit grammar(invocation& to);
    grammar(const grammar&) = delete;
    grammar& operator=(const grammar&) = delete;

    CLI::App app;
    std::map<const CLI::Option*, std::vector<std::string>> choices; ///< The values of those that take a few only.
    std::map<const CLI::Option*, std::string_view> variables;       ///< What of the environment stands in for them.
    std::set<const CLI::Option*> files;                             ///< Those whose values are files or folders.
    std::string wanted_text;                                        ///< What `--generate` asks for.
};

/// @{ The commands in the order of the help, and the options that they are told by.
std::vector<const CLI::App*> commands_of(const CLI::App& app);
std::vector<const CLI::Option*> options_of(const CLI::App& app);     ///< Those with dashes, hidden ones left out.
std::vector<const CLI::Option*> positionals_of(const CLI::App& app); ///< In their order.
/// @}

/// An option as it is written, such as `-o`, `--output`: the short one first.
std::vector<std::string> spellings_of(const CLI::Option& option);

/// Whether a value follows.
bool takes_value(const CLI::Option& option);

/// Whether it takes as many values as there are.
bool is_list(const CLI::Option& option);

/// Reads a number. An error does not repeat the text that is no number: it may be a secret in the wrong place.
/// @throws CLI::ValidationError
double read_number(const std::string& name, const std::string& text, bool whole, double least, double most);

/// Adds an option that takes a number between two limits, a whole one if the target is.
template <class Target>
CLI::Option* add_number(CLI::App& app, const std::string& name, Target& target, double least, double most,
                        const std::string& help)
{
    using number = std::remove_cvref_t<decltype(*std::optional{std::declval<Target>()})>;
    const auto read = [name, &target, least, most](const std::string& text) {
        target = static_cast<number>(read_number(name, text, std::is_integral_v<number>, least, most));
    };
    return app.add_option_function<std::string>(name, read, help);
}

/// What the manual and the help say of the status that the tool ends with.
struct status_meaning
{
    int status;
    std::string_view meaning;
};
const std::vector<status_meaning>& status_meanings();

} // namespace tool

#endif // CYCLOS_TOOL_GRAMMAR_HPP

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

/** The grammar of the command line: the parser, and the source of the help, the manual and the
    shell completions.

    The other members are properties of options that CLI11 cannot store.
*/
struct grammar
{
    /// @param options Receives the parsed options. Must outlive this object.
    explicit grammar(invocation& options);
    grammar(const grammar&) = delete;
    grammar& operator=(const grammar&) = delete;

    CLI::App app;
    /// The values of options that accept only these.
    std::map<const CLI::Option*, std::vector<std::string>> choices;
    /// The environment variables with the defaults of options.
    std::map<const CLI::Option*, std::string_view> variables;
    std::set<const CLI::Option*> files; ///< Options whose values are files or folders.
    std::string requested_text;         ///< The value of `--generate`.
};

/// @{ The commands, options and arguments, in the order of the help.
std::vector<const CLI::App*> commands_of(const CLI::App& app);
std::vector<const CLI::Option*> options_of(const CLI::App& app); ///< Without hidden options.
std::vector<const CLI::Option*> positionals_of(const CLI::App& app);
/// @}

/// The spellings of an option, such as `-o` and `--output`; short ones first.
std::vector<std::string> spellings_of(const CLI::Option& option);

/// Whether the option takes a value.
bool takes_value(const CLI::Option& option);

/// Whether the option takes any number of values.
bool is_list(const CLI::Option& option);

/// Parses a number. Errors do not repeat the text, which may be a misplaced secret.
/// @throws CLI::ValidationError if the text is not a number within the limits.
double read_number(const std::string& name, const std::string& text, bool is_integer,
                   double minimum, double maximum);

/// Adds an option that takes a number within limits: an integer if the target is one.
template <class Target>
CLI::Option* add_number(CLI::App& app, const std::string& name, Target& target, double minimum,
                        double maximum, const std::string& help)
{
    using number = std::remove_cvref_t<decltype(*std::optional{std::declval<Target>()})>;
    const auto read = [name, &target, minimum, maximum](const std::string& text) {
        target = static_cast<number>(
            read_number(name, text, std::is_integral_v<number>, minimum, maximum));
    };
    return app.add_option_function<std::string>(name, read, help);
}

/// The meaning of an exit status, for the manual and the help.
struct status_meaning
{
    int status;
    std::string_view meaning;
};
const std::vector<status_meaning>& status_meanings();

} // namespace tool

#endif // CYCLOS_TOOL_GRAMMAR_HPP

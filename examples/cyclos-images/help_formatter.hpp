//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_HELP_FORMATTER_HPP
#define CYCLOS_TOOL_HELP_FORMATTER_HPP

#include <CLI/CLI.hpp>

#include <map>
#include <string>
#include <string_view>

namespace tool {

/// Formats the help for a terminal of 80 columns. Shows the environment variables of options.
class help_formatter : public CLI::Formatter
{
public:
    /// @param variables Must outlive this object.
    explicit help_formatter(const std::map<const CLI::Option*, std::string_view>& variables);

    std::string make_help(const CLI::App* app, std::string name,
                          CLI::AppFormatMode mode) const override;
    std::string make_usage(const CLI::App* app, std::string name) const override;
    std::string make_option(const CLI::Option* option, bool is_positional) const override;
    std::string make_option_opts(const CLI::Option* option) const override;
    std::string make_option_desc(const CLI::Option* option) const override;
    std::string make_subcommand(const CLI::App* command) const override;
    std::string make_footer(const CLI::App* app) const override;

private:
    const std::map<const CLI::Option*, std::string_view>& variables_;
};

} // namespace tool

#endif // CYCLOS_TOOL_HELP_FORMATTER_HPP

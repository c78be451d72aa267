//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "grammar.hpp"

#include "commands.hpp"
#include "help_formatter.hpp"
#include "settings.hpp"

#include <cyclos/version.hpp>

#include <cmath>
#include <iomanip>
#include <locale>
#include <memory>
#include <sstream>
#include <utility>

namespace tool {
namespace {

constexpr const char* description =
    "Manages the images of a Cyclos server: lists, uploads, downloads, reorders and removes them.";

cyclos::api_version api_version_of(std::string_view text)
{
    if (text != "4.11" && text != "4.16") {
        throw CLI::ValidationError("--api-version", "must be 4.11 or 4.16");
    }
    return text == "4.11" ? cyclos::api_version::v4_11 : cyclos::api_version::v4_16;
}

void add_server_options(grammar& g, connection_options& connection)
{
    CLI::App& app = g.app;
    const auto with_variable = [&g](CLI::Option* option, const char* name) {
        g.variables[option] = name;
        return option;
    };
    app.option_defaults()->group("Server");
    with_variable(
        app.add_option("--url", connection.url, "Base URL, such as https://host/network/api"),
        variable::url)
        ->type_name("URL");
    with_variable(
        app.add_option("--username", connection.username, "User name (basic credentials)"),
        variable::username)
        ->type_name("NAME");
    auto* password =
        with_variable(app.add_option("--password", connection.password,
                                     "Password; other users can see it in the process list"),
                      variable::password);
    auto* password_file =
        app.add_option("--password-file", connection.password_file,
                       "File with the password in its first line; -: standard input, "
                       "without echo if it is a terminal")
            ->type_name("FILE")
            ->excludes(password);
    g.files.insert(password_file);
    with_variable(app.add_option("--session-token", connection.session_token, "Token of a session"),
                  variable::session_token)
        ->type_name("TOKEN");
    with_variable(app.add_option("--access-client-token", connection.access_client_token,
                                 "Token of an access client"),
                  variable::access_client_token)
        ->type_name("TOKEN");
    app.add_option("--channel", connection.channel, "Channel header")->type_name("NAME");
    const auto read_version = [&connection](const std::string& text) {
        connection.api_version = api_version_of(text);
    };
    auto* api_version = app.add_option_function<std::string>(
        "--api-version,--dialect", read_version, "Version of the API: 4.11 (the default) or 4.16");
    api_version->type_name("VERSION");
    g.choices[api_version] = {"4.11", "4.16"};
}

void add_transport_options(grammar& g, invocation& options)
{
    CLI::App& app = g.app;
    connection_options& connection = options.connection;
    const auto file = [&](const char* name, std::filesystem::path& target, const char* help) {
        g.files.insert(app.add_option(name, target, help)->type_name("FILE"));
    };
    app.option_defaults()->group("Transport");
    file("--ca-file", connection.ca_file,
         "Certificate authorities to trust in addition to the system's (PEM)");
    file("--client-cert", connection.client_certificate, "Client certificate with its chain (PEM)");
    file("--client-key", connection.client_key, "Private key of the client certificate (PEM)");
    app.add_flag("--insecure", connection.insecure, "Do not verify the server's certificate");
    auto* proxy =
        app.add_option("--proxy", connection.proxy,
                       "Proxy, such as http://proxy:3128, https://... or socks5h://...; by default "
                       "that of HTTPS_PROXY and NO_PROXY");
    proxy->type_name("URL");
    app.add_flag("--no-proxy", connection.no_proxy, "No proxy, whatever the environment says")
        ->excludes(proxy);
    add_number(app, "--timeout", connection.timeout, 0.001, 31'536'000,
               "Timeout of the whole command")
        ->type_name("SECONDS");
    add_number(app, "--connections", connection.connections, 1, 10'000,
               "Maximum number of open connections")
        ->type_name("N");
    add_number(app, "--retries", connection.retries, 0, 1000,
               "Maximum number of retries, of requests that are safe to repeat")
        ->type_name("N");
}

void add_output_options(CLI::App& app, invocation& options)
{
    app.option_defaults()->group("Output");
    app.add_flag(
        "--json", options.json,
        "JSON for results and errors; results are JSON anyway unless printed to a terminal");
    app.add_flag("--quiet", options.quiet, "Results and errors only");
    app.add_flag("--verbose", options.verbose,
                 "Describe events on standard error, instead of progress bars");
    app.add_flag(
        "--no-progress", [&options](std::int64_t) { options.progress = false; },
        "No progress bars");
    app.option_defaults()->group("Options");
}

/// The help does not show this option: it is for builds of packages.
void add_generator(grammar& g)
{
    const auto read = [&g](const std::string& text) {
        if (text != "man" && text != "bash" && text != "zsh" && text != "fish") {
            throw CLI::ValidationError("--generate", "must be man, bash, zsh or fish");
        }
        g.requested_text = text;
        throw CLI::Success{}; // stops the parser, so no command is required
    };
    // Without trigger_on_parse(), CLI11 2.6 and later would report a missing command before it runs
    // the callback.
    g.app.add_option_function<std::string>("--generate", read)->group("")->trigger_on_parse();
}

std::string footer()
{
    std::string statuses;
    for (const auto& [status, meaning] : status_meanings()) {
        statuses +=
            (statuses.empty() ? "" : "; ") + std::to_string(status) + ' ' + std::string{meaning};
    }
    return "Exit status: " + statuses +
           ".\n\n`cyclos-images COMMAND --help` shows the options of a command; those above may "
           "also follow the command. "
           "`cyclos-images demo` demonstrates the operations against an embedded server.";
}

} // namespace

grammar::grammar(invocation& options)
    : app(description, "cyclos-images")
{
    app.formatter(std::make_shared<help_formatter>(variables));
    app.option_defaults()->group("Options"); // the default of CLI11 2.6 is "OPTIONS"
    app.set_help_flag("-h,--help", "Show the help of the tool or of a command");
    app.set_version_flag("--version", std::string{"cyclos-images "} + CYCLOS_IMAGES_VERSION,
                         "Show the version");
    app.fallthrough();
    app.allow_windows_style_options(false); // by default, /path/file.png is an option on Windows
    app.require_subcommand(1);
    add_server_options(*this, options.connection);
    add_transport_options(*this, options);
    add_output_options(app, options);
    add_generator(*this);
    define_commands(*this, options);
    app.footer(footer());
}

double read_number(const std::string& name, const std::string& text, bool is_integer,
                   double minimum, double maximum)
{
    std::istringstream stream{text};
    stream.imbue(std::locale::classic());
    double value = 0;
    stream >> value;
    const bool is_number =
        !stream.fail() && stream.peek() == std::istringstream::traits_type::eof();
    // Negated, because every comparison with NaN is false.
    const bool is_in_range = value >= minimum && value <= maximum;
    if (!is_number || !is_in_range || (is_integer && value != std::floor(value))) {
        std::ostringstream limits;
        limits.imbue(std::locale::classic());
        limits << std::setprecision(15)
               << (is_integer ? "must be an integer from " : "must be a number from ") << minimum
               << " to " << maximum;
        throw CLI::ValidationError(name, limits.str());
    }
    return value;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app)
{
    return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<const CLI::Option*> options_of(const CLI::App& app)
{
    return app.get_options([&app](const CLI::Option* option) {
        // Commands repeat the option --help of the tool.
        const bool is_repeated = app.get_parent() && option == app.get_help_ptr();
        return option->nonpositional() && !option->get_group().empty() && !is_repeated;
    });
}

std::vector<const CLI::Option*> positionals_of(const CLI::App& app)
{
    return app.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::vector<std::string> spellings_of(const CLI::Option& option)
{
    std::vector<std::string> all;
    for (const std::string& name : option.get_snames()) {
        all.push_back('-' + name);
    }
    for (const std::string& name : option.get_lnames()) {
        all.push_back("--" + name);
    }
    return all;
}

bool takes_value(const CLI::Option& option)
{
    return option.get_items_expected_max() > 0;
}

bool is_list(const CLI::Option& option)
{
    return option.get_expected_max() >= CLI::detail::expected_max_vector_size;
}

const std::vector<status_meaning>& status_meanings()
{
    static const std::vector<status_meaning> all{
        {0, "done"},
        {2, "wrong usage, or rejected before anything was sent"},
        {3, "the server responded with an error"},
        {4, "the server could not be reached, or the exchange failed"},
        {5, "some files failed, or the result could not be printed"},
        {130, "interrupted by a signal, as shells report it"},
    };
    return all;
}

} // namespace tool

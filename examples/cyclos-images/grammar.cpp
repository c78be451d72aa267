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
    R"(The images of a Cyclos server: look at them, upload, download, reorder and remove them.)";

cyclos::dialect dialect_of(std::string_view text)
{
    if (text != "4.11" && text != "4.16") {
        throw CLI::ValidationError("--dialect", "is 4.11 or 4.16");
    }
    return text == "4.11" ? cyclos::dialect::v4_11 : cyclos::dialect::v4_16;
}

void add_server_options(grammar& g, connection_options& to)
{
    CLI::App& app = g.app;
    const auto or_variable = [&g](CLI::Option* option, const char* name) {
        g.variables[option] = name;
        return option;
    };
    app.option_defaults()->group("Server");
    or_variable(app.add_option("--url", to.url, "Base URL, such as https://host/network/api"), variable::url)
        ->type_name("URL");
    or_variable(app.add_option("--username", to.username, "User name (basic credentials)"), variable::username)
        ->type_name("NAME");
    auto* password =
        or_variable(app.add_option("--password", to.password, "Password; others can see it in the list of processes"),
                    variable::password);
    auto* password_file = app.add_option("--password-file", to.password_file,
                                         "File with the password in its first line; -: standard input, "
                                         "a terminal does not show it")
                              ->type_name("FILE")
                              ->excludes(password);
    g.files.insert(password_file);
    or_variable(app.add_option("--session-token", to.session_token, "Token of a session"), variable::session_token)
        ->type_name("TOKEN");
    or_variable(app.add_option("--access-client-token", to.access_client_token, "Token of an access client"),
                variable::access_client_token)
        ->type_name("TOKEN");
    app.add_option("--channel", to.channel, "Channel header")->type_name("NAME");
    const auto read_dialect = [&to](const std::string& text) { to.dialect = dialect_of(text); };
    auto* dialect = app.add_option_function<std::string>(
        "--dialect", read_dialect, "How lists are written in queries: 4.11 (the default) or 4.16");
    dialect->type_name("VERSION");
    g.choices[dialect] = {"4.11", "4.16"};
}

void add_transport_options(grammar& g, invocation& given)
{
    CLI::App& app = g.app;
    connection_options& to = given.connection;
    const auto file = [&](const char* name, std::filesystem::path& target, const char* help) {
        g.files.insert(app.add_option(name, target, help)->type_name("FILE"));
    };
    app.option_defaults()->group("Transport");
    file("--ca-file", to.ca_file, "Certificate authorities to trust besides the system's (PEM)");
    file("--client-cert", to.client_certificate, "Client certificate with its chain (PEM)");
    file("--client-key", to.client_key, "Private key of the client certificate (PEM)");
    app.add_flag("--insecure", to.insecure, "Do not verify the server's certificate");
    app.add_option("--proxy", to.proxy, "CONNECT proxy, http://[user:password@]host:port")->type_name("URL");
    add_number(app, "--timeout", to.timeout, 0.001, 31'536'000, "How long the whole operation may take")
        ->type_name("SECONDS");
    add_number(app, "--connections", to.connections, 1, 10'000, "How many connections may be open at the same time")
        ->type_name("N");
    add_number(app, "--retries", to.retries, 0, 1000, "How many attempts after the first, where it is safe")
        ->type_name("N");
}

void add_output_options(CLI::App& app, invocation& to)
{
    app.option_defaults()->group("Output");
    app.add_flag("--json", to.json, "JSON, also of errors; so are results anyway where there is no terminal");
    app.add_flag("--quiet", to.quiet, "Results and errors only");
    app.add_flag("--verbose", to.verbose, "Say what happens, on standard error, instead of progress bars");
    app.add_flag("--no-progress", [&to](std::int64_t) { to.progress = false; }, "No progress bars");
    app.option_defaults()->group("Options");
}

/// Not shown in the help: packages ask for it once, when they are made.
void add_generator(grammar& g)
{
    const auto read = [&g](const std::string& text) {
        if (text != "man" && text != "bash" && text != "zsh" && text != "fish") {
            throw CLI::ValidationError("--generate", "is man, bash, zsh or fish");
        }
        g.wanted_text = text;
        throw CLI::Success{}; // no command is needed
    };
    // As soon as it is read: CLI11 looks for a missing command before it runs callbacks, from 2.6 on.
    g.app.add_option_function<std::string>("--generate", read)->group("")->trigger_on_parse();
}

std::string footer()
{
    std::string statuses;
    for (const auto& [status, meaning] : status_meanings()) {
        statuses += (statuses.empty() ? "" : "; ") + std::to_string(status) + ' ' + std::string{meaning};
    }
    return "Exit status: " + statuses +
           ".\n\n`cyclos-images COMMAND --help` shows the options of a command; those above may follow it too. "
           "`cyclos-images demo` shows all of it on a server of its own.";
}

} // namespace

grammar::grammar(invocation& to)
    : app(description, "cyclos-images")
{
    app.formatter(std::make_shared<help_formatter>(variables));
    app.option_defaults()->group("Options"); // CLI11 2.6 calls it "OPTIONS"
    app.set_help_flag("-h,--help", "Show this, or how a command is used");
    app.set_version_flag("--version", std::string{"cyclos-images "} + CYCLOS_IMAGES_VERSION, "Show the version");
    app.fallthrough();
    app.allow_windows_style_options(false); // the default there, in which /path/file.png is an option
    app.require_subcommand(1);
    add_server_options(*this, to.connection);
    add_transport_options(*this, to);
    add_output_options(app, to);
    add_generator(*this);
    define_commands(*this, to);
    app.footer(footer());
}

double read_number(const std::string& name, const std::string& text, bool whole, double least, double most)
{
    std::istringstream stream{text};
    stream.imbue(std::locale::classic());
    double value = 0;
    stream >> value;
    const bool is_number = !stream.fail() && stream.peek() == std::istringstream::traits_type::eof();
    // No comparison holds for what is no number.
    if (!is_number || !(value >= least && value <= most) || (whole && value != std::floor(value))) {
        std::ostringstream limits;
        limits.imbue(std::locale::classic());
        limits << std::setprecision(15) << (whole ? "is a whole number from " : "is a number from ") << least << " to "
               << most;
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
        const bool again = app.get_parent() && option == app.get_help_ptr(); // the tool has it for all commands
        return option->nonpositional() && !option->get_group().empty() && !again;
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
        {2, "wrong usage, or refused before anything was sent"},
        {3, "the server answered with an error"},
        {4, "it could not be reached, or the exchange failed"},
        {5, "some things were done and some failed, be it only to print the result"},
        {130, "interrupted: it ends by the signal, which shells show so"},
    };
    return all;
}

} // namespace tool

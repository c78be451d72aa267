//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "command_line.hpp"

#include <cyclos/version.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <string_view>

namespace tool {
namespace {

constexpr const char* description =
    R"(The images of a Cyclos server: look at them, upload, download, reorder and remove them.)";

constexpr const char* footer = R"(
Environment: CYCLOS_URL, CYCLOS_USERNAME, CYCLOS_PASSWORD, CYCLOS_SESSION_TOKEN, CYCLOS_ACCESS_CLIENT_TOKEN,
each where the option is not given.

Exit status: 0 done; 2 wrong usage, or refused before anything was sent; 3 the server answered with an error;
4 it could not be reached, or the exchange failed; 130 interrupted.

`cyclos-images demo` shows all of it on a server of its own, `cyclos-images COMMAND --help` the rest.)";

/// The names of an enumeration, for the help and for complaints.
template <class Enum>
std::string names_of()
{
    std::string text;
    for (const Enum value : cyclos::all_values<Enum>()) {
        text += text.empty() ? "" : ", ";
        text += to_string(value);
    }
    return text;
}

template <class Enum>
CLI::Option* add_enum(CLI::App& app, const std::string& name, std::optional<Enum>& target, const std::string& help)
{
    const auto read = [name, &target](const std::string& text) {
        target = cyclos::from_string<Enum>(text);
        if (!target) {
            throw CLI::ValidationError(name, "is one of " + names_of<Enum>());
        }
    };
    return app.add_option_function<std::string>(name, read, help + ": " + names_of<Enum>());
}

cyclos::dialect dialect_of(std::string_view text)
{
    if (text != "4.11" && text != "4.16") {
        throw CLI::ValidationError("--dialect", "is 4.11 or 4.16");
    }
    return text == "4.11" ? cyclos::dialect::v4_11 : cyclos::dialect::v4_16;
}

void add_server_options(CLI::App& app, connection_options& to)
{
    app.option_defaults()->group("Server");
    app.add_option("--url", to.url, "Base URL, such as https://host/network/api")->type_name("URL");
    app.add_option("--username", to.username, "User name (basic credentials)")->type_name("NAME");
    auto* password = app.add_option("--password", to.password, "Password; others can see it in the list of processes");
    app.add_option("--password-file", to.password_file, "File with the password in its first line; -: standard input")
        ->type_name("FILE")
        ->excludes(password);
    app.add_option("--session-token", to.session_token, "Token of a session");
    app.add_option("--access-client-token", to.access_client_token, "Token of an access client");
    app.add_option("--channel", to.channel, "Channel header")->type_name("NAME");
    const auto read_dialect = [&to](const std::string& text) { to.dialect = dialect_of(text); };
    app.add_option_function<std::string>("--dialect", read_dialect,
                                         "How lists are written in queries: 4.11 (the default) or 4.16")
        ->type_name("VERSION");
}

void add_transport_options(CLI::App& app, invocation& given)
{
    connection_options& to = given.connection;
    app.option_defaults()->group("Transport");
    app.add_option("--ca-file", to.ca_file, "Certificate authorities to trust besides the system's (PEM)")
        ->type_name("FILE");
    app.add_option("--client-cert", to.client_certificate, "Client certificate with its chain (PEM)")
        ->type_name("FILE");
    app.add_option("--client-key", to.client_key, "Private key of the client certificate (PEM)")->type_name("FILE");
    app.add_flag("--insecure", to.insecure, "Do not verify the server's certificate");
    app.add_option("--proxy", to.proxy, "CONNECT proxy, http://[user:password@]host:port")->type_name("URL");
    app.add_option("--timeout", to.timeout, "How long the whole operation may take")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.001, 31'536'000.0).description(""));
    app.add_option("--connections", to.connections, "How many connections may be open at the same time")
        ->type_name("N")
        ->check(CLI::Range(1, 10'000).description(""));
    app.add_option("--retries", given.retries, "How many attempts after the first, where it is safe")
        ->type_name("N")
        ->check(CLI::Range(0, 1000).description(""));
}

void add_output_options(CLI::App& app, invocation& to)
{
    app.option_defaults()->group("Output");
    app.add_flag("--json", to.json, "JSON, also of errors; so are results anyway where there is no terminal");
    app.add_flag("--quiet", to.quiet, "Results and errors only");
    app.add_flag("--verbose", to.verbose, "Say what happens, on standard error");
    app.add_flag("--no-progress", [&to](std::int64_t) { to.progress = false; }, "No progress bar");
    app.option_defaults()->group("Options");
}

/// Defines the commands: each function adds one group of arguments that several have in common.
class command_definitions
{
public:
    command_definitions(CLI::App& app, invocation& to)
        : app_(app)
        , to_(to)
        , args_(to.args)
    {}

    void define_all()
    {
        define("delete-image", "Removes an image");
        subject("ID_OR_KEY", "Id or key of the image");

        define("view-image", "Shows the details of an image");
        subject("ID_OR_KEY", "Id or key of the image").fields();

        define("get-image-content", "Downloads an image");
        subject("ID_OR_KEY", "Id or key of the image").download();

        define("get-image-content-by-id", "Downloads an image by its id (deprecated, gone in 4.16)");
        subject("ID", "Id of the image").download();

        define("get-image-content-deprecated", "Downloads an image by kind and key (deprecated, gone in 4.16)");
        add_enum(*current_, "KIND", args_.image_kind, "Kind of the image")->required()->type_name("");
        current_->add_option("FILE", args_.file, "Key of the image")->required()->type_name("");
        download();

        define("get-ad-images-list-data", "Shows the images of an advertisement and what may be done with them");
        ad().fields();

        define("get-user-images-list-data", "Shows the images of a user and what may be done with them");
        user().fields().kind();

        define("list-ad-images", "Lists the images of an advertisement");
        ad().fields();

        define("list-user-images", "Lists the images of a user");
        user().fields().kind();

        define("list-temp-images", "Lists one's temporary images");
        fields().temporary();

        define("reorder-ad-images", "Orders the images of an advertisement; 4.16 removes those that are not listed");
        ad().ids();

        define("reorder-profile-images", "Orders the profile images of a user; 4.16 removes those that are not listed");
        user().ids();

        define("upload-ad-image", "Adds an image to an advertisement");
        ad().upload();

        define("upload-contact-info-image", "Uploads the image of an additional contact information");
        subject("ID", "Id of the contact information").upload();

        define("upload-contact-info-image-deprecated", "The same at the former address (deprecated, gone in 4.16)");
        subject("ID", "Id of the contact information").upload();

        define("upload-temp-image", "Uploads an image for something that is yet to be registered");
        upload().temporary();

        define("upload-user-image", "Adds an image to a user");
        user().upload().kind();

        define("demo", "The whole tour against an embedded server, in this process, over TLS");

        define("serve", "Runs the embedded server until it is interrupted");
        current_->add_option("--port", args_.port, "Port to listen at; any that is free if not given");
        current_->add_flag("--plain", args_.plain, "Plain HTTP, no TLS");
        current_->add_option("--cert-dir", args_.certificate_folder, "Where to write the certificate authority");
    }

private:
    void define(const std::string& name, const std::string& help)
    {
        current_ = app_.add_subcommand(name, help);
        current_->callback([this, name] { to_.command = name; });
    }

    command_definitions& subject(const std::string& name, const std::string& help)
    {
        current_->add_option(name, args_.subject, help)->required()->type_name("");
        return *this;
    }

    command_definitions& ad() { return subject("AD", "Advertisement: id, product number, or productNumber@user"); }

    command_definitions& user() { return subject("USER", "User: id, 'self', or any identification"); }

    command_definitions& ids()
    {
        current_->add_option("ID", args_.ids, "All ids, in the order wanted")->required()->type_name("");
        return *this;
    }

    command_definitions& fields()
    {
        current_->add_option("--fields", args_.fields, "Members to return, such as id,name or -url");
        return *this;
    }

    command_definitions& kind()
    {
        add_enum(*current_, "--kind", args_.kind, "Kind of images");
        return *this;
    }

    command_definitions& download()
    {
        current_->add_option("--width", args_.width, "Greatest width in pixels");
        current_->add_option("--height", args_.height, "Greatest height in pixels");
        current_->add_option("-o,--output", args_.output,
                             "File to write; -: standard output; default: the image's key");
        current_->add_flag("--force", args_.force, "Replace the file where it exists");
        return *this;
    }

    command_definitions& upload()
    {
        current_->add_option("FILE", args_.files, "Files to upload, several at a time; -: standard input, alone")
            ->required()
            ->type_name("");
        current_->add_option("--name", args_.name, "Name of the image");
        current_->add_option("--filename", args_.file_name, "File name to send instead of the file's own");
        return *this;
    }

    command_definitions& temporary()
    {
        add_enum(*current_, "--target", args_.target, "What the image is for");
        current_->add_option("--guest-key", args_.guest_key, "Key that a guest's images are found by");
        current_->add_option("--user", args_.user, "User, for userProfile and advertisement");
        current_->add_option("--custom-field", args_.custom_field, "Custom field, for customValue");
        add_enum(*current_, "--custom-field-kind", args_.custom_field_kind, "Kind of that custom field");
        return *this;
    }

    CLI::App& app_;
    invocation& to_;
    arguments& args_;
    CLI::App* current_ = nullptr;
};

/// Names the options that are not known, but no value: that may be a secret behind a misspelt option.
std::string describe_extras(const CLI::App& app)
{
    std::string options;
    for (const std::string& extra : app.remaining(true)) {
        if (extra.starts_with("--") && extra.size() > 2) {
            options += options.empty() ? "" : ", ";
            options += extra.substr(0, extra.find('='));
        }
    }
    return options.empty() ? "too many arguments" : "unknown option " + options;
}

std::string describe(const CLI::ParseError& wrong, const CLI::App& app)
{
    if (dynamic_cast<const CLI::ExtrasError*>(&wrong)) {
        return describe_extras(app);
    }
    if (app.get_subcommands().empty() && app.remaining_size() > 0) {
        return "there is no such command";
    }
    return app.get_subcommands().empty() ? "there is no command" : wrong.what();
}

} // namespace

bool read_command_line(int argc, char** argv, invocation& given)
{
    // Reading may stop at the first mistake, but how to complain about it has to be known.
    const std::vector<std::string_view> words(argv + std::min(argc, 1), argv + argc);
    given.json = std::find(words.begin(), words.end(), "--json") != words.end();

    CLI::App app{description, "cyclos-images"};
    app.footer(footer);
    app.get_formatter()->label("SUBCOMMAND", "COMMAND");
    app.set_version_flag("--version", std::string{"cyclos-images "} + CYCLOS_IMAGES_VERSION);
    app.fallthrough();
    app.require_subcommand(1);
    add_server_options(app, given.connection);
    add_transport_options(app, given);
    add_output_options(app, given);
    command_definitions commands{app, given};
    commands.define_all();

    try {
        app.parse(argc, argv);
        return true;
    }
    catch (const CLI::Success& asked) {
        app.exit(asked);
        return false;
    }
    catch (const CLI::ParseError& wrong) {
        if (const auto begun = app.get_subcommands(); !begun.empty()) {
            given.command = begun.front()->get_name();
        }
        throw refusal(describe(wrong, app) + "; see --help");
    }
}

} // namespace tool

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "commands.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tool {
namespace {

/// The values that an option takes, for the help and for complaints.
std::string joined(const std::vector<std::string>& values)
{
    std::string text;
    for (const std::string& value : values) {
        text += text.empty() ? "" : ", ";
        text += value;
    }
    return text;
}

template <class Enum>
std::vector<std::string> names_of()
{
    std::vector<std::string> names;
    for (const Enum value : cyclos::all_values<Enum>()) {
        names.emplace_back(to_string(value));
    }
    return names;
}

template <class Enum>
CLI::Option* add_enum(grammar& g, CLI::App& app, const std::string& name, std::optional<Enum>& target,
                      const std::string& help)
{
    const auto names = names_of<Enum>();
    const auto read = [name, names, &target](const std::string& text) {
        target = cyclos::from_string<Enum>(text);
        if (!target) {
            throw CLI::ValidationError(name, "is one of " + joined(names));
        }
    };
    auto* option = app.add_option_function<std::string>(name, read, help + ": " + joined(names));
    g.choices[option] = names;
    return option;
}

constexpr double largest_size = 2'147'483'647; // what the API calls an integer

/// Defines the commands: each function adds one group of arguments that several have in common.
class command_definitions
{
public:
    command_definitions(grammar& g, invocation& to)
        : grammar_(g)
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
        add_enum(grammar_, *current_, "KIND", args_.image_kind, "Kind of the image")->required()->type_name("");
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
        add_number(*current_, "--port", args_.port, 0, 65'535, "Port to listen at; any that is free if not given")
            ->type_name("PORT");
        current_->add_flag("--plain", args_.plain, "Plain HTTP, no TLS");
        file(current_->add_option("--cert-dir", args_.certificate_folder, "Where to write the certificate authority"))
            ->type_name("FOLDER");
    }

private:
    CLI::Option* file(CLI::Option* option)
    {
        grammar_.files.insert(option);
        return option;
    }

    void define(const std::string& name, const std::string& help)
    {
        current_ = grammar_.app.add_subcommand(name, help)->group("Commands");
        current_->get_help_ptr()->group("Options"); // it was made before the command had the defaults of the tool
        current_->callback([&command = to_.command, name] { command = name; });
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
        current_->add_option("--fields", args_.fields, "Members to return, such as id,name or -url")->type_name("LIST");
        return *this;
    }

    command_definitions& kind()
    {
        add_enum(grammar_, *current_, "--kind", args_.kind, "Kind of images")->type_name("KIND");
        return *this;
    }

    command_definitions& download()
    {
        add_number(*current_, "--width", args_.width, 1, largest_size, "Greatest width")->type_name("PIXELS");
        add_number(*current_, "--height", args_.height, 1, largest_size, "Greatest height")->type_name("PIXELS");
        file(current_->add_option("-o,--output", args_.output,
                                  "File to write; -: standard output; the image's key if not given"))
            ->type_name("FILE");
        current_->add_flag("--force", args_.force, "Replace the file where it exists");
        return *this;
    }

    command_definitions& upload()
    {
        file(current_->add_option("FILE", args_.files,
                                  "Files to upload, stored in this order; -: standard input, alone"))
            ->required()
            ->type_name("");
        current_->add_option("--name", args_.name, "Name of the image")->type_name("NAME");
        current_->add_option("--filename", args_.file_name, "File name to send instead of the file's own")
            ->type_name("NAME");
        return *this;
    }

    command_definitions& temporary()
    {
        add_enum(grammar_, *current_, "--target", args_.target, "What the image is for")->type_name("TARGET");
        current_->add_option("--guest-key", args_.guest_key, "Key that a guest's images are found by")
            ->type_name("KEY");
        current_->add_option("--user", args_.user, "User, for userProfile and advertisement")->type_name("USER");
        current_->add_option("--custom-field", args_.custom_field, "Custom field, for customValue")->type_name("FIELD");
        add_enum(grammar_, *current_, "--custom-field-kind", args_.custom_field_kind, "Kind of that custom field")
            ->type_name("KIND");
        return *this;
    }

    grammar& grammar_;
    invocation& to_;
    arguments& args_;
    CLI::App* current_ = nullptr;
};

} // namespace

void define_commands(grammar& g, invocation& to)
{
    command_definitions{g, to}.define_all();
}

} // namespace tool

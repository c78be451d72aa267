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

/// Lists the values of an option, for the help and for errors.
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
CLI::Option* add_enum(grammar& g, CLI::App& app, const std::string& name,
                      std::optional<Enum>& target, const std::string& help)
{
    const auto names = names_of<Enum>();
    const auto read = [name, names, &target](const std::string& text) {
        target = cyclos::from_string<Enum>(text);
        if (!target) {
            throw CLI::ValidationError(name, "must be one of " + joined(names));
        }
    };
    auto* option = app.add_option_function<std::string>(name, read, help + ": " + joined(names));
    g.choices[option] = names;
    return option;
}

constexpr double largest_size = 2'147'483'647; // an integer of the API has 32 bits

/// Defines the commands. Each function adds arguments that several commands have in common.
class command_definitions
{
public:
    command_definitions(grammar& g, invocation& options)
        : grammar_(g)
        , options_(options)
        , args_(options.args)
    {}

    void define_all()
    {
        define("delete-image", "Removes an image");
        add_subject("ID_OR_KEY", "Id or key of the image");

        define("view-image", "Shows the details of an image");
        add_subject("ID_OR_KEY", "Id or key of the image").add_fields();

        define("get-image-content", "Downloads an image");
        add_subject("ID_OR_KEY", "Id or key of the image").add_download();

        define("get-image-content-by-id",
               "Downloads an image by its id (deprecated, removed in 4.16)");
        add_subject("ID", "Id of the image").add_download();

        define("get-image-content-deprecated",
               "Downloads an image by kind and key (deprecated, removed in 4.16)");
        add_enum(grammar_, *current_, "KIND", args_.image_kind, "Kind of the image")
            ->required()
            ->type_name("");
        current_->add_option("FILE", args_.file, "Key of the image")->required()->type_name("");
        add_download();

        define("get-ad-images-list-data",
               "Shows the images of an advertisement and the permissions on them");
        add_ad().add_fields();

        define("get-user-images-list-data",
               "Shows the images of a user and the permissions on them");
        add_user().add_fields().add_kind();

        define("list-ad-images", "Lists the images of an advertisement");
        add_ad().add_fields();

        define("list-user-images", "Lists the images of a user");
        add_user().add_fields().add_kind();

        define("list-temp-images", "Lists your temporary images");
        add_fields().add_temporary();

        define("reorder-ad-images",
               "Changes the order of an advertisement's images; 4.16 removes those not listed");
        add_ad().add_ids();

        define("reorder-profile-images",
               "Changes the order of a user's profile images; 4.16 removes those not listed");
        add_user().add_ids();

        define("upload-ad-image", "Adds an image to an advertisement");
        add_ad().add_upload();

        define("upload-contact-info-image",
               "Uploads the image of an additional contact information");
        add_subject("ID", "Id of the contact information").add_upload();

        define("upload-contact-info-image-deprecated",
               "Uploads such an image to the old path (deprecated, removed in 4.16)");
        add_subject("ID", "Id of the contact information").add_upload();

        define("upload-temp-image", "Uploads an image for an object that is not registered yet");
        add_upload().add_temporary();

        define("upload-user-image", "Adds an image to a user");
        add_user().add_upload().add_kind();

        define("demo", "Demonstrates the operations over TLS, against an embedded server");

        define("serve", "Runs the embedded server until it is interrupted");
        add_number(*current_, "--port", args_.port, 0, 65'535,
                   "Port to listen on; default: a free port")
            ->type_name("PORT");
        current_->add_flag("--plain", args_.plain, "Plain HTTP, no TLS");
        mark_as_file(current_->add_option("--cert-dir", args_.certificate_folder,
                                          "Folder to write the certificate authority to"))
            ->type_name("FOLDER");
    }

private:
    CLI::Option* mark_as_file(CLI::Option* option)
    {
        grammar_.files.insert(option);
        return option;
    }

    void define(const std::string& name, const std::string& help)
    {
        current_ = grammar_.app.add_subcommand(name, help)->group("Commands");
        current_->get_help_ptr()->group(
            "Options"); // CLI11 creates this option before the defaults of the tool apply
        current_->callback([&command = options_.command, name] { command = name; });
    }

    command_definitions& add_subject(const std::string& name, const std::string& help)
    {
        current_->add_option(name, args_.subject, help)->required()->type_name("");
        return *this;
    }

    command_definitions& add_ad()
    {
        return add_subject("AD", "Advertisement: id, product number, or productNumber@user");
    }

    command_definitions& add_user()
    {
        return add_subject("USER", "User: id, 'self', or any identification");
    }

    command_definitions& add_ids()
    {
        current_->add_option("ID", args_.ids, "All ids, in the desired order")
            ->required()
            ->type_name("");
        return *this;
    }

    command_definitions& add_fields()
    {
        current_->add_option("--fields", args_.fields, "Members to return, such as id,name or -url")
            ->type_name("LIST");
        return *this;
    }

    command_definitions& add_kind()
    {
        add_enum(grammar_, *current_, "--kind", args_.kind, "Kind of images")->type_name("KIND");
        return *this;
    }

    command_definitions& add_download()
    {
        add_number(*current_, "--width", args_.width, 1, largest_size, "Maximum width")
            ->type_name("PIXELS");
        add_number(*current_, "--height", args_.height, 1, largest_size, "Maximum height")
            ->type_name("PIXELS");
        mark_as_file(
            current_->add_option("-o,--output", args_.output,
                                 "File to write; -: standard output; default: the image's key"))
            ->type_name("FILE");
        current_->add_flag("--force", args_.force, "Replace the file if it exists");
        return *this;
    }

    command_definitions& add_upload()
    {
        mark_as_file(
            current_->add_option("FILE", args_.files,
                                 "Files to upload, in this order; - alone: standard input"))
            ->required()
            ->type_name("");
        current_->add_option("--name", args_.name, "Name of the image")->type_name("NAME");
        current_
            ->add_option("--filename", args_.file_name,
                         "File name to send instead of the file's own")
            ->type_name("NAME");
        return *this;
    }

    command_definitions& add_temporary()
    {
        add_enum(grammar_, *current_, "--target", args_.target, "Purpose of the image")
            ->type_name("TARGET");
        current_->add_option("--guest-key", args_.guest_key, "Key to find a guest's images by")
            ->type_name("KEY");
        current_->add_option("--user", args_.user, "User, for userProfile and advertisement")
            ->type_name("USER");
        current_->add_option("--custom-field", args_.custom_field, "Custom field, for customValue")
            ->type_name("FIELD");
        add_enum(grammar_, *current_, "--custom-field-kind", args_.custom_field_kind,
                 "Kind of the custom field")
            ->type_name("KIND");
        return *this;
    }

    grammar& grammar_;
    invocation& options_;
    arguments& args_;
    CLI::App* current_ = nullptr;
};

} // namespace

void define_commands(grammar& g, invocation& options)
{
    command_definitions{g, options}.define_all();
}

} // namespace tool

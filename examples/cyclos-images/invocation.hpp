//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_INVOCATION_HPP
#define CYCLOS_TOOL_INVOCATION_HPP

#include <cyclos/config.hpp>
#include <cyclos/enums.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tool {

/// Thrown if the tool rejects a command before anything is sent: because the command line is
/// invalid, or a file exists already.
class command_rejected : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Thrown if standard output cannot be written.
class output_error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// The options for the server and the credentials, as given and not yet checked.
struct connection_options
{
    std::optional<std::string> url = {};
    std::optional<std::string> username = {};
    std::optional<std::string> password = {};
    std::optional<std::string> password_file = {};
    std::optional<std::string> session_token = {};
    std::optional<std::string> access_client_token = {};
    std::optional<std::string> proxy = {};
    bool no_proxy = false;
    std::string channel = {};
    cyclos::api_version api_version = cyclos::api_version::v4_11;
    std::filesystem::path ca_file = {};
    std::filesystem::path client_certificate = {};
    std::filesystem::path client_key = {};
    bool insecure = false;
    std::optional<double> timeout = {}; ///< In seconds.
    std::optional<std::size_t> connections = {};
    unsigned retries = 0;
};

/// The arguments and options of commands. Each command uses some of them.
struct arguments
{
    std::string subject = {};            ///< The image, advertisement, user or contact information.
    std::string file = {};               ///< The key, for get-image-content-deprecated.
    std::vector<std::string> files = {}; ///< The files to upload.
    std::vector<std::string> ids = {};

    std::string fields = {};
    std::string name = {};
    std::string file_name = {}; ///< The name to send instead of that of the file.
    std::optional<cyclos::image_kind> image_kind = {};
    std::optional<cyclos::user_image_kind> kind = {};
    std::optional<cyclos::temp_image_target> target = {};
    std::string guest_key = {};
    std::string user = {};
    std::string custom_field = {};
    std::optional<cyclos::custom_field_kind> custom_field_kind = {};

    std::optional<int> width = {};
    std::optional<int> height = {};
    std::string output = {}; ///< Empty: a file named after the image.
    bool force = false;

    std::uint16_t port = 0;
    bool plain = false;
    std::filesystem::path certificate_folder = {};
};

/// The parsed command line.
struct invocation
{
    std::string command = {};
    arguments args = {};
    connection_options connection = {};
    bool json = false;
    bool quiet = false;
    bool verbose = false;
    bool progress = true;
};

} // namespace tool

#endif // CYCLOS_TOOL_INVOCATION_HPP

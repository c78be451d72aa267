//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_INVOCATION_HPP
#define CYCLOS_TOOL_INVOCATION_HPP

#include <cyclos/config.hpp>
#include <cyclos/images/enums.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tool {

/// What the tool itself refuses before anything is sent: a wrong command line, a file that is there already.
class refusal : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// What was to be written, to a file or to standard output, could not be.
class output_failure : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// How the server is reached and who one is to it, as given: nothing is checked yet.
struct connection_options
{
    std::optional<std::string> url = {};
    std::optional<std::string> username = {};
    std::optional<std::string> password = {};
    std::optional<std::string> password_file = {};
    std::optional<std::string> session_token = {};
    std::optional<std::string> access_client_token = {};
    std::optional<std::string> proxy = {};
    std::string channel = {};
    cyclos::dialect dialect = cyclos::dialect::v4_11;
    std::filesystem::path ca_file = {};
    std::filesystem::path client_certificate = {};
    std::filesystem::path client_key = {};
    bool insecure = false;
    std::optional<double> timeout = {}; ///< In seconds.
    std::optional<std::size_t> connections = {};
    unsigned retries = 0;
};

/// What a command is told: each takes what it needs.
struct arguments
{
    std::string subject = {}; ///< What the command is about: an image, an advertisement, a user, a contact info.
    std::string file = {};    ///< A key, for the deprecated way to the content.
    std::vector<std::string> files = {}; ///< To upload.
    std::vector<std::string> ids = {};

    std::string fields = {};
    std::string name = {};
    std::string file_name = {}; ///< The name to send for standard input.
    std::optional<cyclos::image_kind> image_kind = {};
    std::optional<cyclos::user_image_kind> kind = {};
    std::optional<cyclos::temp_image_target> target = {};
    std::string guest_key = {};
    std::string user = {};
    std::string custom_field = {};
    std::optional<cyclos::custom_field_kind> custom_field_kind = {};

    std::optional<int> width = {};
    std::optional<int> height = {};
    std::string output = {}; ///< Empty: named after the image.
    bool force = false;

    std::uint16_t port = 0;
    bool plain = false;
    std::filesystem::path certificate_folder = {};
};

/// All that the command line says.
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

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "settings.hpp"

#include "platform.hpp"

#include <chrono>
#include <fstream>
#include <iostream>
#include <limits>

namespace tool {
namespace {

/// Reads the first line of a file or of standard input, without echo if it is a terminal.
std::string read_password(const std::string& file)
{
    const bool from_standard_input = file == "-";
    if (from_standard_input && is_terminal(standard_stream::input)) {
        return prompt_for_secret("Password: ");
    }
    std::ifstream stream;
    if (!from_standard_input) {
        stream.open(path_of(file), std::ios::binary);
    }
    std::string line;
    if (!std::getline(from_standard_input ? std::cin : stream, line)) {
        // Do not print the name of the file: the user may have given the password instead.
        throw command_rejected(
            from_standard_input ? "no password can be read from standard input"
                                : "no password can be read from the file given by --password-file");
    }
    if (line.ends_with('\r')) {
        line.pop_back();
    }
    return line;
}

bool has_basic(const connection_options& options)
{
    return options.username || options.password || options.password_file;
}

bool has_credentials(const connection_options& options)
{
    return has_basic(options) || options.session_token || options.access_client_token;
}

void complete_credentials(connection_options& options)
{
    const bool is_unset = !has_credentials(options);
    if (is_unset) {
        options.session_token = environment_variable(variable::session_token);
        options.access_client_token = environment_variable(variable::access_client_token);
    }
    if (is_unset || has_basic(options)) {
        if (!options.username) {
            options.username = environment_variable(variable::username);
        }
        if (!options.password && !options.password_file) {
            options.password = environment_variable(variable::password);
        }
    }
}

void require_one_kind(const connection_options& options)
{
    const int kinds = (has_basic(options) ? 1 : 0) + (options.session_token ? 1 : 0) +
                      (options.access_client_token ? 1 : 0);
    if (kinds > 1) {
        throw command_rejected(
            "there is more than one kind of credentials: give a user name and password, "
            "or a session token, "
            "or an access client token");
    }
    if (has_basic(options) && !options.username) {
        throw command_rejected(
            "there is a password, but no user name: give --username or CYCLOS_USERNAME");
    }
    if (has_basic(options) && !options.password && !options.password_file) {
        throw command_rejected(
            "there is a user name, but no password: give --password-file, --password or "
            "CYCLOS_PASSWORD");
    }
}

void require_content(const std::optional<std::string>& value, std::string_view name)
{
    if (value && value->empty()) {
        throw command_rejected("the " + std::string{name} + " is empty");
    }
}

/// The proxy of the command line, or else that of the environment.
// Its URL may hold a password, so it is never part of a message.
cyclos::proxy_config find_proxy(const connection_options& options)
{
    if (options.no_proxy) {
        return {};
    }
    if (options.proxy) {
        try {
            return cyclos::proxy_config::parse(*options.proxy);
        }
        catch (const cyclos::error&) {
            throw command_rejected(
                "--proxy must be [http|https|socks5h]://[user:password@]host:port");
        }
    }
    try {
        cyclos::parse_base_url(*options.url);
    }
    catch (const cyclos::error&) {
        return {}; // the client reports it
    }
    try {
        return cyclos::proxy_config::from_environment(*options.url);
    }
    catch (const cyclos::error& e) {
        throw command_rejected(e.context().detail + "; correct the variable, or give --no-proxy");
    }
}

cyclos::credentials make_credentials(const connection_options& options)
{
    if (options.username) {
        return cyclos::credentials::basic(*options.username, options.password.value_or(""));
    }
    if (options.session_token) {
        return cyclos::credentials::session(*options.session_token);
    }
    if (options.access_client_token) {
        return cyclos::credentials::access_client(*options.access_client_token);
    }
    return cyclos::credentials::guest();
}

/// The encoded form of basic credentials in the header field. It contains the password.
std::string encoded_for_header(const cyclos::credentials& basic)
{
    const std::string field{basic.header_fields()};
    const auto begin = field.rfind(' ') + 1;
    return field.substr(begin, field.find('\r') - begin);
}

} // namespace

void complete_from_environment(connection_options& options)
{
    if (!options.url) {
        options.url = environment_variable(variable::url);
    }
    if (!options.url) {
        throw command_rejected(
            "there is no base URL: give --url or CYCLOS_URL, such as https://host/network/api");
    }
    complete_credentials(options);
    require_one_kind(options);
    if (options.password_file) {
        options.password = read_password(*options.password_file);
    }
    // A login with an empty password would fail, and too many failed logins block the user.
    require_content(options.username, "user name");
    require_content(options.password, "password");
    require_content(options.session_token, "session token");
    require_content(options.access_client_token, "access client token");
}

caller_identity identify_caller(const connection_options& options)
{
    caller_identity result;
    result.kind = options.username              ? credential_kind::user
                  : options.session_token       ? credential_kind::session
                  : options.access_client_token ? credential_kind::access_client
                                                : credential_kind::guest;
    result.secrets.add(options.password.value_or(""));
    result.secrets.add(options.session_token.value_or(""));
    result.secrets.add(options.access_client_token.value_or(""));
    if (options.username) {
        result.secrets.add(encoded_for_header(make_credentials(options)));
    }
    const cyclos::proxy_config proxy = find_proxy(options);
    if (const std::string password{proxy.password.view()}; !password.empty()) {
        result.secrets.add(password);
        result.secrets.add(
            encoded_for_header(cyclos::credentials::basic(proxy.username, password)));
    }
    return result;
}

std::string describe_credentials(const connection_options& options)
{
    if (options.username) {
        return "user " + *options.username;
    }
    return options.session_token         ? "a session"
           : options.access_client_token ? "an access client"
                                         : "a guest";
}

cyclos::config make_config(const connection_options& options)
{
    cyclos::config config{options.url.value(), make_credentials(options)};
    config.channel = options.channel;
    config.api_version = options.api_version;
    config.tls.verify = !options.insecure;
    config.tls.ca_file = options.ca_file;
    config.tls.certificate_file = options.client_certificate;
    config.tls.private_key_file = options.client_key;
    config.proxy = find_proxy(options);
    if (options.connections) {
        config.pool.max_connections = *options.connections;
    }
    if (options.timeout) {
        config.timeouts.total = std::chrono::ceil<std::chrono::milliseconds>(
            std::chrono::duration<double>{*options.timeout});
    }
    config.retry.max_retries = options.retries;
    // The tool sends few requests, so a budget in proportion to their rate would prevent retries.
    config.retry_budget = std::numeric_limits<double>::infinity();
    config.serial_executor = true; // the context runs in one thread
    return config;
}

} // namespace tool

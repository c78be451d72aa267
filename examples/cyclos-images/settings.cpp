//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "settings.hpp"

#include "platform.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <chrono>
#include <fstream>
#include <iostream>
#include <limits>

namespace tool {
namespace {

/// The first line of a file, or of standard input; from a terminal it is read without being shown.
std::string read_password(const std::string& file)
{
    const bool from_input = file == "-";
    if (from_input && is_terminal(standard::input)) {
        return prompt_for_secret("Password: ");
    }
    std::ifstream stream;
    if (!from_input) {
        stream.open(path_of(file), std::ios::binary);
    }
    std::string line;
    if (!std::getline(from_input ? std::cin : stream, line)) {
        // What is not the name of a file may be the password.
        throw refusal(from_input ? "no password can be read from standard input"
                                 : "no password can be read from the file that --password-file names");
    }
    if (line.ends_with('\r')) {
        line.pop_back();
    }
    return line;
}

bool has_basic(const connection_options& given)
{
    return given.username || given.password || given.password_file;
}

bool has_credentials(const connection_options& given)
{
    return has_basic(given) || given.session_token || given.access_client_token;
}

void complete_credentials(connection_options& given)
{
    const bool none = !has_credentials(given);
    if (none) {
        given.session_token = environment(variable::session_token);
        given.access_client_token = environment(variable::access_client_token);
    }
    if (none || has_basic(given)) {
        if (!given.username) {
            given.username = environment(variable::username);
        }
        if (!given.password && !given.password_file) {
            given.password = environment(variable::password);
        }
    }
}

void require_one_kind(const connection_options& given)
{
    const int kinds = (has_basic(given) ? 1 : 0) + (given.session_token ? 1 : 0) + (given.access_client_token ? 1 : 0);
    if (kinds > 1) {
        throw refusal("there is more than one kind of credentials: give a user name and password, or a session token, "
                      "or an access client token");
    }
    if (has_basic(given) && !given.username) {
        throw refusal("there is a password, but no user name: give --username or CYCLOS_USERNAME");
    }
    if (has_basic(given) && !given.password && !given.password_file) {
        throw refusal("there is a user name, but no password: give --password-file, --password or CYCLOS_PASSWORD");
    }
}

void require_content(const std::optional<std::string>& value, std::string_view name)
{
    if (value && value->empty()) {
        throw refusal("the " + std::string{name} + " is empty");
    }
}

// The URL may hold a password, so it is never part of a message.
cyclos::proxy_config parse_proxy(const std::string& text)
{
    const auto url = boost::urls::parse_uri(text);
    const bool fit = url && url->scheme() == "http" && !url->encoded_host().empty() && url->port_number() != 0 &&
                     (url->encoded_path().empty() || url->encoded_path() == "/") && !url->has_query() &&
                     !url->has_fragment();
    if (!fit) {
        throw refusal("--proxy is written as http://[user:password@]host:port");
    }
    cyclos::proxy_config proxy;
    proxy.host = url->host_address();
    proxy.port = url->port();
    proxy.username = url->user();
    proxy.password = url->password();
    return proxy;
}

cyclos::credentials make_credentials(const connection_options& given)
{
    if (given.username) {
        return cyclos::credentials::basic(*given.username, given.password.value_or(""));
    }
    if (given.session_token) {
        return cyclos::credentials::session(*given.session_token);
    }
    if (given.access_client_token) {
        return cyclos::credentials::access_client(*given.access_client_token);
    }
    return cyclos::credentials::guest();
}

/// Basic credentials as they stand in the header: whoever has those has the password.
std::string encoded_for_header(const cyclos::credentials& basic)
{
    const std::string field{basic.header_field()};
    const auto begin = field.rfind(' ') + 1;
    return field.substr(begin, field.find('\r') - begin);
}

} // namespace

void complete_from_environment(connection_options& given)
{
    if (!given.url) {
        given.url = environment(variable::url);
    }
    if (!given.url) {
        throw refusal("there is no base URL: give --url or CYCLOS_URL, such as https://host/network/api");
    }
    complete_credentials(given);
    require_one_kind(given);
    if (given.password_file) {
        given.password = read_password(*given.password_file);
    }
    // A login without a password is a bad login, and too many of them block the user.
    require_content(given.username, "user name");
    require_content(given.password, "password");
    require_content(given.session_token, "session token");
    require_content(given.access_client_token, "access client token");
}

caller caller_of(const connection_options& given)
{
    caller result;
    result.who = given.username              ? identity::user
                 : given.session_token       ? identity::session
                 : given.access_client_token ? identity::access_client
                                             : identity::guest;
    result.hidden.add(given.password.value_or(""));
    result.hidden.add(given.session_token.value_or(""));
    result.hidden.add(given.access_client_token.value_or(""));
    if (given.username) {
        result.hidden.add(encoded_for_header(make_credentials(given)));
    }
    if (given.proxy) {
        const cyclos::proxy_config proxy = parse_proxy(*given.proxy);
        const std::string password{proxy.password.view()};
        result.hidden.add(password);
        if (!password.empty()) {
            result.hidden.add(encoded_for_header(cyclos::credentials::basic(proxy.username, password)));
        }
    }
    return result;
}

std::string describe_credentials(const connection_options& given)
{
    if (given.username) {
        return "user " + *given.username;
    }
    return given.session_token ? "a session" : given.access_client_token ? "an access client" : "a guest";
}

cyclos::config make_config(const connection_options& given)
{
    cyclos::config config{given.url.value(), make_credentials(given)};
    config.channel = given.channel;
    config.dialect = given.dialect;
    config.tls.verify = !given.insecure;
    config.tls.ca_file = given.ca_file;
    config.tls.certificate_file = given.client_certificate;
    config.tls.private_key_file = given.client_key;
    if (given.proxy) {
        config.proxy = parse_proxy(*given.proxy);
    }
    if (given.connections) {
        config.pool.max_connections = *given.connections;
    }
    if (given.timeout) {
        config.timeouts.total =
            std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>{*given.timeout});
    }
    config.retry.max_retries = given.retries;
    config.retry.budget = std::numeric_limits<double>::infinity(); // one person's few requests: as often as asked for
    config.serial_executor = true;                                 // one thread runs everything
    return config;
}

} // namespace tool

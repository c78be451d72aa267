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

/// The first line of a file, or of standard input.
std::string read_password(const std::string& file)
{
    std::ifstream stream;
    if (file != "-") {
        stream.open(path_of(file), std::ios::binary);
    }
    std::string line;
    if (!std::getline(file == "-" ? std::cin : stream, line)) {
        throw refusal("no password can be read from " + (file == "-" ? "standard input" : file));
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

} // namespace

std::string secrets::blot(std::string text) const
{
    constexpr std::string_view blot = "***";
    for (const std::string& secret : texts_) {
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + blot.size())) {
            text.replace(at, secret.size(), blot);
        }
    }
    return text;
}

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
}

secrets secrets_of(const connection_options& given)
{
    secrets all;
    all.add(given.password.value_or(""));
    all.add(given.session_token.value_or(""));
    all.add(given.access_client_token.value_or(""));
    if (given.proxy) {
        all.add(std::string{parse_proxy(*given.proxy).password.view()});
    }
    // Basic credentials as they stand in the header: whoever has those has the password.
    const cyclos::credentials who = make_credentials(given);
    const std::string field{who.header_field()};
    if (who.type() == cyclos::credentials::kind::basic) {
        const auto begin = field.rfind(' ') + 1;
        all.add(field.substr(begin, field.find('\r') - begin));
    }
    return all;
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

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "platform.hpp"
#include "session.hpp"
#include "text.hpp"

#include <cyclos/sandbox/server.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <string>
#include <utility>

namespace tool {

namespace asio = boost::asio;

namespace {

// The initial users and objects of the server: see cyclos/sandbox/store.hpp. The password of each
// user is the user name.
constexpr const char* logins[] = {"demo", "admin", "viewer"};
constexpr const char* session_token = "demo-session-token";
constexpr const char* access_client_token = "demo-access-client-token";
constexpr const char* advertisement_of_demo = "7762070814178013001";

std::unique_ptr<cyclos::sandbox::server> start_server(const invocation& options)
{
    cyclos::sandbox::options server_options;
    server_options.port = options.args.port;
    server_options.tls = !options.args.plain;
    server_options.strict_multipart = false; // accept what a real server accepts from other clients
    server_options.cert_dir = options.args.certificate_folder;
    server_options.api_version = options.connection.api_version == cyclos::api_version::v4_16
                                     ? cyclos::sandbox::api_version::v4_16
                                     : cyclos::sandbox::api_version::v4_11;
    try {
        return std::make_unique<cyclos::sandbox::server>(server_options);
    }
    catch (const boost::system::system_error& error) { // its what() contains a source location
        throw command_rejected("the server cannot start: " + error.code().message());
    }
    catch (const std::exception& error) {
        throw command_rejected(std::string{"the server cannot start: "} + error.what());
    }
}

boost::json::value as_json(const cyclos::sandbox::server& server)
{
    boost::json::array users;
    for (const char* name : logins) {
        boost::json::object login;
        login["username"] = name;
        login["password"] = name;
        users.push_back(std::move(login));
    }
    boost::json::object all;
    all["url"] = server.url();
    if (!server.ca_file().empty()) {
        all["caFile"] = text_of(server.ca_file());
    }
    all["logins"] = std::move(users);
    all["sessionToken"] = session_token;
    all["accessClientToken"] = access_client_token;
    all["advertisement"] = advertisement_of_demo;
    return all;
}

std::string as_text(const cyclos::sandbox::server& server)
{
    const std::string ca_file = printable(text_of(server.ca_file()));
    std::string text = "URL                  " + server.url() + '\n';
    text += ca_file.empty() ? "" : "CA file              " + ca_file + '\n';
    text += "user names           ";
    for (const char* name : logins) {
        text += std::string{name} + ' ';
    }
    text += "(the password is the user name)\n";
    text += std::string{"session token        "} + session_token + '\n';
    text += std::string{"access client token  "} + access_client_token + '\n';
    text += std::string{"an ad of demo        "} + advertisement_of_demo + '\n';
    text += "\nTry: cyclos-images --url " + server.url() +
            (ca_file.empty() ? "" : " --ca-file " + ca_file);
    text += " --username demo --password demo list-user-images self\nCtrl-C stops the server.\n";
    return text;
}

} // namespace

asio::awaitable<void> serve(session& s)
{
    const auto server = start_server(s.options);
    if (s.out.uses_json()) {
        s.out.print_result(as_json(*server));
    }
    else {
        s.out.print_result(as_text(*server));
    }
    // The wait ends when a signal cancels it, which is the regular end of this command.
    asio::steady_timer forever{co_await asio::this_coro::executor,
                               asio::steady_timer::time_point::max()};
    cyclos::error_code ec;
    co_await forever.async_wait(asio::redirect_error(asio::use_awaitable, ec));
}

} // namespace tool

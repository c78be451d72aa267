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

// Those that the server has from its beginning, see cyclos/sandbox/store.hpp. Passwords are the user names.
constexpr const char* logins[] = {"demo", "admin", "viewer"};
constexpr const char* session_token = "demo-session-token";
constexpr const char* access_client_token = "demo-access-client-token";
constexpr const char* advertisement_of_demo = "7762070814178013001";

std::unique_ptr<cyclos::sandbox::server> start(const invocation& given)
{
    cyclos::sandbox::options options;
    options.port = given.args.port;
    options.tls = !given.args.plain;
    options.strict_multipart = false; // whoever tries a client of their own here should find what a real server takes
    options.cert_dir = given.args.certificate_folder;
    options.dialect = given.connection.dialect == cyclos::dialect::v4_16 ? cyclos::sandbox::dialect::v4_16
                                                                         : cyclos::sandbox::dialect::v4_11;
    try {
        return std::make_unique<cyclos::sandbox::server>(options);
    }
    catch (const boost::system::system_error& failure) { // whose what() tells of source files
        throw refusal("the server cannot start: " + failure.code().message());
    }
    catch (const std::exception& failure) {
        throw refusal(std::string{"the server cannot start: "} + failure.what());
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
    text += "\nTry: cyclos-images --url " + server.url() + (ca_file.empty() ? "" : " --ca-file " + ca_file);
    text += " --username demo --password demo list-user-images self\nCtrl-C ends it.\n";
    return text;
}

} // namespace

asio::awaitable<void> serve(session& s)
{
    const auto server = start(s.given);
    if (s.out.json()) {
        s.out.result(as_json(*server));
    }
    else {
        s.out.result(as_text(*server));
    }
    // To be interrupted is how it is meant to end.
    asio::steady_timer forever{co_await asio::this_coro::executor, asio::steady_timer::time_point::max()};
    cyclos::error_code ec;
    co_await forever.async_wait(asio::redirect_error(asio::use_awaitable, ec));
}

} // namespace tool

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/node_server.hpp"

#include <test_paths.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/json/parse.hpp>

#include <iterator>
#include <stdexcept>

namespace cyclos::test {
namespace {

process_options node_command(std::string_view script)
{
    process_options options;
    options.command = {paths::node, std::string{script}};
    options.working_directory = paths::node_dir;
    return options;
}

} // namespace

node_server::node_server(std::string_view script)
    : process_{node_command(script)}
    , port_{static_cast<unsigned short>(std::stoul(process_.wait_for_output("PORT ")))}
{}

boost::json::value node_server::get(std::string_view path) const
{
    // HTTP/1.0: the response ends with the connection.
    boost::asio::ip::tcp::iostream stream{"127.0.0.1", std::to_string(port_)};
    stream << "GET " << path << " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n" << std::flush;
    const std::string answer{std::istreambuf_iterator<char>{stream}, {}};
    const auto body = answer.find("\r\n\r\n");
    if (!answer.starts_with("HTTP/1.1 200 ") || body == std::string::npos)
        throw std::runtime_error{"unexpected answer: " + answer};
    return boost::json::parse(std::string_view{answer}.substr(body + 4));
}

} // namespace cyclos::test

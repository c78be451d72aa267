//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_NODE_SERVER_HPP
#define CYCLOS_TESTS_NODE_SERVER_HPP

#include "integration/support/child_process.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace cyclos::test {

/// One of the servers in tests/integration/node, on a free port of 127.0.0.1.
class node_server
{
public:
    /// Starts the script and returns once it serves; otherwise throws with its output.
    explicit node_server(std::string_view script);

    unsigned short port() const noexcept { return port_; }

    /// Scheme, host and port.
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

    /// The JSON at a path of the server. Blocks.
    boost::json::value get(std::string_view path) const;

private:
    child_process process_;
    unsigned short port_;
};

/// Receives uploads, and reports them as read by busboy, an independent parser.
class busboy_server : public node_server
{
public:
    busboy_server()
        : node_server{"busboy-server.mjs"}
    {}

    /** The last upload: `method`, `path`, `name` (of the query, or null), `contentLength` and
        `transferEncoding` (of the header section, or null), and `parts`, each with `field`,
        `fileName`, `mimeType`, `size` and `sha256` in hexadecimal. Null before the first one.
    */
    boost::json::value last_upload() const { return get("/last"); }
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_NODE_SERVER_HPP

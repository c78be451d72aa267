//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_NGINX_HPP
#define CYCLOS_TESTS_NGINX_HPP

#include "integration/support/child_process.hpp"
#include "integration/support/reserved_port.hpp"
#include "integration/support/temporary_directory.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos::test {

/// Options of nginx. It forwards to the upstream if there is one, and serves the files of a folder
/// otherwise.
struct nginx_options
{
    std::string certificate = {};    ///< The chain in PEM; empty: plain HTTP.
    std::string private_key = {};    ///< The key in PEM.
    std::string upstream = {};       ///< The target of requests, such as `https://127.0.0.1:8443`.
    std::filesystem::path root = {}; ///< The served folder if there is no upstream.
    std::string directives =
        {}; ///< Directives for the server block, such as `client_max_body_size 1k;`.
    std::string unsolicited =
        {}; ///< Sent to each client before the connection is closed, instead of HTTP.
};

/// A real nginx on a free port of 127.0.0.1.
class nginx
{
public:
    /// Returns once nginx serves; otherwise throws with its output.
    explicit nginx(const nginx_options& options);

    unsigned short port() const { return port_.number(); }

    /// Scheme, host and port.
    std::string url() const;

    /// The log so far, errors and requests. A request has a line like `200 1234 7 "GET /picture.png
    /// HTTP/1.1"`: status, bytes of the body, number of the connection.
    const std::string& log() { return process_->errors(); }

    /// Returns once the log contains the text: nginx logs a request some time after the response.
    void wait_for_log(std::string_view text) { process_->wait_for_error(text); }

    /// Stops at once; connections are refused from then on, and the log is lost.
    void stop() { process_.reset(); }

private:
    temporary_directory directory_;
    bool secure_;
    reserved_port port_;
    std::optional<child_process> process_;
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_NGINX_HPP

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

/// How nginx serves. It proxies where there is an upstream, and serves the files of a folder
/// otherwise.
struct nginx_options
{
    std::string certificate = {};    ///< The chain in PEM; plain HTTP where empty.
    std::string private_key = {};    ///< The key in PEM.
    std::string upstream = {};       ///< Where requests go, such as `https://127.0.0.1:8443`.
    std::filesystem::path root = {}; ///< The folder that is served where there is no upstream.
    std::string directives = {}; ///< More of the server block, such as `client_max_body_size 1k;`.
    std::string unasked =
        {}; ///< What it says to whoever connects, before it ends the connection; in place of HTTP.
};

/// A real nginx on a port of 127.0.0.1 that the system picked.
class nginx
{
public:
    /// Returns once nginx serves; throws, with what it wrote, where it does not.
    explicit nginx(const nginx_options& options);

    unsigned short port() const { return port_.number(); }

    /// Scheme, host and port.
    std::string url() const;

    /// Everything that nginx has logged so far, errors and requests. A request has a line like
    /// `200 1234 7 "GET /picture.png HTTP/1.1"`: status, bytes of the body, number of the
    /// connection.
    const std::string& log() { return process_->errors(); }

    /// Returns once the text stands in the log: nginx logs a request some time after the answer.
    void wait_for_log(std::string_view text) { process_->wait_for_error(text); }

    /// Stops at once; connections are refused from then on, and the log is gone.
    void stop() { process_.reset(); }

private:
    temporary_directory directory_;
    bool secure_;
    reserved_port port_;
    std::optional<child_process> process_;
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_NGINX_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "integration/support/nginx.hpp"

#include <test_paths.hpp>

#include <sstream>

namespace cyclos::test {
namespace {

/// A string in nginx syntax.
std::string in_quotes(std::string_view bytes)
{
    std::string text = "\"";
    for (const char c : bytes) {
        text += c == '\r'               ? "\\r"
                : c == '\n'             ? "\\n"
                : c == '"' || c == '\\' ? std::string{'\\', c}
                                        : std::string{c};
    }
    return text + '"';
}

/// The port and the certificate.
std::string listen(const nginx_options& options, const temporary_directory& directory,
                   unsigned short port)
{
    std::ostringstream text;
    text << "        listen 127.0.0.1:" << port << (options.certificate.empty() ? "" : " ssl")
         << ";\n";
    if (!options.certificate.empty()) {
        directory.write("certificate.pem", options.certificate);
        directory.write("key.pem", options.private_key);
        text << "        ssl_certificate " << (directory / "certificate.pem").string() << ";\n"
             << "        ssl_certificate_key " << (directory / "key.pem").string() << ";\n"
             << "        ssl_protocols TLSv1.2 TLSv1.3;\n";
    }
    return text.str();
}

std::string configuration(const nginx_options& options, const temporary_directory& directory,
                          unsigned short port)
{
    std::ostringstream text;
    if (!options.unsolicited.empty()) {
        text << "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n";
    }
    // One process in the foreground, which this process can end. The built-in folders of nginx are
    // not writable for every user.
    text << "daemon off;\n"
         << "master_process off;\n"
         << "pid nginx.pid;\n"
         << "error_log stderr notice;\n"
         << "events { worker_connections 512; }\n";
    if (!options.unsolicited.empty()) {
        text << "stream {\n    server {\n"
             << listen(options, directory, port) << "        return "
             << in_quotes(options.unsolicited) << ";\n    }\n}\n";
        return text.str();
    }
    text << "http {\n"
         << "    log_format test '$status $body_bytes_sent $connection \"$request\"';\n"
         << "    access_log /dev/stderr test;\n";
    for (const char* const purpose : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
        text << "    " << purpose << "_temp_path temporary/" << purpose << ";\n";
    text << "    types { image/png png; image/jpeg jpg; image/gif gif; application/json json; "
            "text/html html; }\n"
         << "    server {\n"
         << listen(options, directory, port);
    text << options.directives << '\n';
    if (!options.upstream.empty())
        text << "        location / {\n"
             << "            proxy_pass " << options.upstream << ";\n"
             << "            proxy_http_version 1.1;\n"
             << "            proxy_set_header Host $http_host;\n"
             << "            proxy_set_header Connection \"\";\n"
             << "        }\n";
    else if (!options.root.empty())
        text << "        root " << options.root.string() << ";\n";
    text << "    }\n"
         << "}\n";
    return text.str();
}

} // namespace

nginx::nginx(const nginx_options& options)
    : secure_{!options.certificate.empty()}
{
    std::filesystem::create_directory(directory_ / "temporary");
    directory_.write("nginx.conf", configuration(options, directory_, port()));

    process_options process;
    process.command = {paths::nginx, "-p",    directory_.path().string(), "-c", "nginx.conf",
                       "-e",         "stderr"};
    process_.emplace(process);
    // Logged once it has read the configuration and listens.
    process_->wait_for_error("event method");
}

std::string nginx::url() const
{
    return (secure_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port());
}

} // namespace cyclos::test

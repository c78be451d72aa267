//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "chaos/reverse_proxy.hpp"
#include "integration/support/await.hpp"

#include <cyclos/sandbox/certificates.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace cyclos::chaos {

namespace {

bool is_root()
{
    return ::geteuid() == 0;
}

class nginx final : public reverse_proxy
{
public:
    nginx(const std::string& program, unsigned short upstream)
        : reverse_proxy(SIGHUP, SIGTERM)
    {
        std::filesystem::create_directory(directory() / "temporary");
        directory().write("certificate.pem", certificate());
        directory().write("key.pem", key());
        std::string text = is_root() ? "user root;\n" : "";
        text += "daemon off;\n"
                "worker_processes 2;\n"
                "pid nginx.pid;\n"
                "error_log error.log warn;\n"
                "events { worker_connections 2048; }\n"
                "http {\n"
                "    access_log off;\n";
        for (const char* const purpose : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
            text += std::string{"    "} + purpose + "_temp_path temporary/" + purpose + ";\n";
        }
        text += "    upstream back { server 127.0.0.1:" + std::to_string(upstream) +
                "; keepalive 64; }\n"
                "    server {\n"
                "        listen 127.0.0.1:" +
                std::to_string(port()) +
                " ssl;\n"
                "        ssl_certificate " +
                (directory() / "certificate.pem").string() +
                ";\n"
                "        ssl_certificate_key " +
                (directory() / "key.pem").string() +
                ";\n"
                "        client_max_body_size 0;\n"
                "        location / {\n"
                "            proxy_pass http://back;\n"
                "            proxy_http_version 1.1;\n"
                "            proxy_set_header Host $http_host;\n"
                "            proxy_set_header Connection \"\";\n"
                "        }\n"
                "    }\n"
                "}\n";
        directory().write("nginx.conf", text);
        test::process_options options;
        options.command = {program, "-p",       directory().path().string(), "-c", "nginx.conf",
                           "-e",    "error.log"};
        set_command(options);
    }

    std::string_view name() const override { return "nginx"; }
};

class haproxy final : public reverse_proxy
{
public:
    haproxy(const std::string& program, unsigned short upstream)
        : reverse_proxy(SIGUSR2, SIGTERM)
    {
        directory().write("front.pem", certificate() + key());
        directory().write(
            "haproxy.cfg",
            "global\n"
            "    hard-stop-after 2s\n" // without it the old workers wait for idle connections
            "defaults\n"
            "    mode http\n"
            "    timeout connect 10s\n"
            "    timeout client 60s\n"
            "    timeout server 60s\n"
            "frontend front\n"
            "    bind 127.0.0.1:" +
                std::to_string(port()) + " ssl crt " + (directory() / "front.pem").string() +
                "\n"
                "    default_backend back\n"
                "backend back\n"
                "    server only 127.0.0.1:" +
                std::to_string(upstream) + "\n");
        test::process_options options;
        options.command = {program, "-W", "-db", "-f", (directory() / "haproxy.cfg").string()};
        set_command(options);
    }

    std::string_view name() const override { return "haproxy"; }
};

class apache final : public reverse_proxy
{
public:
    apache(const std::string& program, const std::string& modules, unsigned short upstream)
        : reverse_proxy(SIGUSR1, SIGTERM)
    {
        directory().write("certificate.pem", certificate());
        directory().write("key.pem", key());
        std::string text;
        for (const char* const module : {"mpm_event", "authz_core", "ssl", "proxy", "proxy_http"}) {
            text += std::string{"LoadModule "} + module + "_module " + modules + "/mod_" + module +
                    ".so\n";
        }
        if (is_root()) {
            text += "User nobody\nGroup nogroup\n"; // it refuses to run as root
        }
        const std::string folder = directory().path().string();
        text += "ServerRoot " + folder + "\nDefaultRuntimeDir " + folder +
                "\n"
                "PidFile apache.pid\n"
                "ServerName localhost\n"
                "ErrorLog error.log\n"
                "LogLevel warn\n"
                "ServerLimit 32\n"
                "ThreadsPerChild 64\n"
                "MaxRequestWorkers 2048\n"
                "StartServers 2\n"
                "KeepAliveTimeout 5\n"
                "GracefulShutdownTimeout 5\n"
                "Listen 127.0.0.1:" +
                std::to_string(port()) +
                "\n"
                "SSLEngine on\n"
                "SSLCertificateFile certificate.pem\n"
                "SSLCertificateKeyFile key.pem\n"
                "ProxyPreserveHost On\n"
                "AllowEncodedSlashes NoDecode\n"
                "ProxyPass / http://127.0.0.1:" +
                std::to_string(upstream) + "/ nocanon\n";
        directory().write("apache.conf", text);
        test::process_options options;
        options.command = {
            program, "-d", folder, "-f", (directory() / "apache.conf").string(), "-DFOREGROUND"};
        set_command(options);
    }

    std::string_view name() const override { return "apache"; }
};

} // namespace

reverse_proxy::reverse_proxy(int reload_signal, int stop_signal)
    : reload_signal_(reload_signal)
    , stop_signal_(stop_signal)
{
    const sandbox::authority authority;
    const auto pem = authority.issue_server();
    ca_pem_ = authority.ca_pem();
    certificate_ = pem.certificate;
    key_ = pem.key;
}

reverse_proxy::~reverse_proxy()
{
    kill();
}

bool reverse_proxy::serves() const
{
    boost::asio::io_context context;
    boost::asio::ip::tcp::socket probe{context};
    boost::system::error_code ec;
    probe.connect({boost::asio::ip::address_v4::loopback(), port_.number()}, ec);
    return !ec;
}

void reverse_proxy::start()
{
    command_.own_group = true;
    process_.emplace(command_);
    try { // each reports its readiness in another way
        test::await("it accepts no connections", [this] { return serves(); });
    }
    catch (const std::runtime_error& e) {
        throw std::runtime_error(std::string{name()} + ": " + e.what() + ": " + log());
    }
}

void reverse_proxy::reload()
{
    process_->send_signal(reload_signal_);
}

void reverse_proxy::stop()
{
    process_->send_signal(stop_signal_);
    // The process is not reaped yet: its id must still name the group when the rest of it is
    // killed. glibc has a function for pidfd_open from 2.36 on.
    pollfd end{.fd = static_cast<int>(::syscall(SYS_pidfd_open, process_->id(), 0)),
               .events = POLLIN,
               .revents = 0};
    if (end.fd < 0) {
        throw std::system_error(errno, std::system_category(), "pidfd_open");
    }
    while (::poll(&end, 1, 10'000) == -1 && errno == EINTR) { // it is killed after 10 s
    }
    ::close(end.fd);
    kill();
}

void reverse_proxy::kill()
{
    if (process_) {
        ::kill(-process_->id(), SIGKILL);
        process_.reset();
    }
}

std::string reverse_proxy::log()
{
    std::string text = process_ ? process_->output() + process_->errors() : std::string{};
    std::ifstream file{directory_ / "error.log"};
    text.append(std::istreambuf_iterator<char>{file}, {});
    return text;
}

std::unique_ptr<reverse_proxy> make_nginx(const std::string& program, unsigned short upstream)
{
    return std::make_unique<nginx>(program, upstream);
}

std::unique_ptr<reverse_proxy> make_haproxy(const std::string& program, unsigned short upstream)
{
    return std::make_unique<haproxy>(program, upstream);
}

std::unique_ptr<reverse_proxy> make_apache(const std::string& program, const std::string& modules,
                                           unsigned short upstream)
{
    return std::make_unique<apache>(program, modules, upstream);
}

} // namespace cyclos::chaos

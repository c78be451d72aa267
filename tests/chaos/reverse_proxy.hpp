//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_CHAOS_REVERSE_PROXY_HPP
#define CYCLOS_CHAOS_REVERSE_PROXY_HPP

#include "integration/support/child_process.hpp"
#include "integration/support/reserved_port.hpp"
#include "integration/support/temporary_directory.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cyclos::chaos {

/// A real reverse proxy with a master and workers, which terminates TLS. Its processes are a
/// process group.
class reverse_proxy
{
public:
    reverse_proxy(const reverse_proxy&) = delete;
    reverse_proxy& operator=(const reverse_proxy&) = delete;
    virtual ~reverse_proxy();

    virtual std::string_view name() const = 0;

    /// Scheme, host and port.
    std::string url() const { return "https://127.0.0.1:" + std::to_string(port_.number()); }

    /// The authority of its certificate.
    const std::string& ca_pem() const { return ca_pem_; }

    /// Returns once it accepts connections.
    void start();

    /// Reloads the configuration: new workers take over, and the old ones shut down gracefully.
    void reload();

    /// Stops it at once, not gracefully, and waits for its end.
    void stop();

    /// Kills all of its processes.
    void kill();

    /// Its output and its error log.
    std::string log();

protected:
    /// @param reload_signal The signal that makes the master reload.
    /// @param stop_signal   The signal that makes the master end at once.
    reverse_proxy(int reload_signal, int stop_signal);

    unsigned short port() const { return port_.number(); }
    const test::temporary_directory& directory() const { return directory_; }
    const std::string& certificate() const { return certificate_; }
    const std::string& key() const { return key_; }

    void set_command(test::process_options command) { command_ = std::move(command); }

private:
    bool serves() const;

    int reload_signal_;
    int stop_signal_;
    test::temporary_directory directory_;
    test::reserved_port port_;
    std::string ca_pem_;
    std::string certificate_;
    std::string key_;
    test::process_options command_;
    std::optional<test::child_process> process_;
};

/// @param program  The path of the server's program.
/// @param upstream A port of 127.0.0.1, without TLS, to which requests are forwarded.
std::unique_ptr<reverse_proxy> make_nginx(const std::string& program, unsigned short upstream);
std::unique_ptr<reverse_proxy> make_haproxy(const std::string& program, unsigned short upstream);

/// @param modules The folder of the modules of Apache.
std::unique_ptr<reverse_proxy> make_apache(const std::string& program, const std::string& modules,
                                           unsigned short upstream);

} // namespace cyclos::chaos

#endif // CYCLOS_CHAOS_REVERSE_PROXY_HPP

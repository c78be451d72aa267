//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SERVER_HPP
#define CYCLOS_SANDBOX_SERVER_HPP

#include <cyclos/sandbox/certificates.hpp>
#include <cyclos/sandbox/misbehaviour.hpp>
#include <cyclos/sandbox/options.hpp>
#include <cyclos/sandbox/statistics.hpp>
#include <cyclos/sandbox/store.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cyclos::sandbox {

/** A stand-in for Cyclos in this process: the image operations, over HTTP/1.1 and TLS, on loopback.

    It listens once it is constructed and runs on threads of its own; the
    destructor cuts every connection and joins them. Any function may be called
    from any other thread.

    @code
    cyclos::sandbox::server server;
    server.store().add_image({.id = "42", .content = cyclos::sandbox::content::synthetic(5ull << 30)});
    server.misbehave({.method = "GET", .target = "/images/42", .times = 1, .status = 503});
    // … a client of server.url() that trusts server.ca_file()
    @endcode
*/
class server
{
public:
    /// Throws `std::exception` where it cannot listen or cannot write its certificate.
    explicit server(options opts = {});
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    // Where it is
    std::string url() const;    ///< `https://localhost:PORT/api`
    std::string origin() const; ///< `https://localhost:PORT`
    std::uint16_t port() const;
    std::filesystem::path ca_file() const; ///< Empty without TLS.
    std::string ca_pem() const;            ///< Empty without TLS.

    /// A certificate that passes where a client certificate is asked for.
    credentials_pem issue_client_certificate(const std::string& common_name) const;

    /// Users, ads, images, sessions.
    sandbox::store& store();

    // What goes wrong
    void misbehave(misbehaviour script);
    void misbehave_on_connect(connection_misbehaviour script);
    void behave(); ///< Forgets all scripts.

    /// While it is paused, connections wait in the backlog of the system.
    void pause_accepting(bool paused);

    // What happens to connections that wait for a request. Each gives how many there were.
    std::size_t close_idle(ending how = ending::notify);
    std::size_t send_to_idle(std::string bytes);

    /// Ends every connection, whatever it does.
    std::size_t close_all();

    // What happened
    sandbox::statistics statistics() const;
    std::vector<request_record> requests() const; ///< The last ones (@ref options::kept_requests), oldest first.
    void reset_statistics();                      ///< Forgets requests and counts.

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SERVER_HPP

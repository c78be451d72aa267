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

/** The embedded server: a mock Cyclos for tests, which runs in the process of the test.

    @ref server is the server, and @ref options its configuration. @ref store has its users,
    advertisements and images. @ref misbehaviour and @ref connection_misbehaviour inject faults.
    The guide "Testing with the embedded server" shows how they are used.
*/
namespace cyclos::sandbox {

/** An in-process substitute for Cyclos: the image operations over HTTP/1.1 and TLS, on loopback.

    The constructor starts to listen and starts the server's threads. The destructor closes every
    connection and joins the threads.

    @code
    namespace sandbox = cyclos::sandbox;
    sandbox::server server;
    server.store().add_image({.id = "42", .content = sandbox::content::synthetic(5ull << 30)});
    server.misbehave({.method = "GET", .target = "/images/42", .times = 1, .status = 503});
    // … a client of server.url() that trusts server.ca_file()
    @endcode

    @par Thread safety
    All functions may be called from any thread except the server's own.
*/
class server
{
public:
    /// @throws std::exception if the server cannot listen or cannot write its certificate.
    explicit server(options opts = {});
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    // Addresses
    std::string url() const;    ///< `https://localhost:PORT/api`
    std::string origin() const; ///< `https://localhost:PORT`
    std::uint16_t port() const;
    std::filesystem::path ca_file() const; ///< Empty without TLS.
    std::string ca_pem() const;            ///< Empty without TLS.

    /// Issues a client certificate that the server accepts: see @ref options::client_certificate.
    credentials_pem issue_client_certificate(const std::string& common_name) const;

    /// The users, advertisements, images and sessions of the server.
    sandbox::store& store();

    // Scripts
    void misbehave(misbehaviour script);                       ///< Adds a script.
    void misbehave_on_connect(connection_misbehaviour script); ///< Adds a script for connections.
    void clear_misbehaviours();                                ///< Removes all scripts.

    /// Stops or resumes accepting connections. New ones wait in the system's backlog meanwhile.
    void pause_accepting(bool paused);

    /// Ends all idle connections. @return Their number.
    std::size_t close_idle(ending end = ending::notify);

    /// Sends bytes on all idle connections. @return Their number.
    std::size_t send_to_idle(std::string bytes);

    /// Closes every connection, idle or not. @return Their number.
    std::size_t close_all();

    // Statistics
    sandbox::statistics statistics() const;
    /// The records of the last requests (@ref options::kept_requests), oldest first.
    std::vector<request_record> requests() const;
    /// Removes the records of requests and sets the counters to 0.
    void reset_statistics();

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SERVER_HPP

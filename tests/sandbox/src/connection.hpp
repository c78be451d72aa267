//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_CONNECTION_HPP
#define CYCLOS_SANDBOX_SRC_CONNECTION_HPP

#include "body_sink.hpp"
#include "operation.hpp"
#include "scripts.hpp"
#include "transport.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace cyclos::sandbox {

/// What all connections share.
struct service
{
    const sandbox::options& options;
    sandbox::state& state;
    sandbox::journal& journal;
    scripts<misbehaviour>& misbehaviours;
    scripts<connection_misbehaviour>& connection_misbehaviours;
    std::string content_base;
    SSL_CTX* tls;
};

class connection;

/// The connections of a thread.
using connection_set = std::unordered_set<connection*>;

/// A client's connection: request after request, each served as it should be or as a script wants it.
class connection
{
public:
    using clock = std::chrono::steady_clock;

    connection(const service& served, connection_set& siblings, asio::ip::tcp::socket socket, std::uint64_t number);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    asio::awaitable<void> run();

    // From without, on the same thread, while it waits
    bool is_idle() const noexcept { return idle_ && !told_to_leave_; }
    bool is_overdue(clock::time_point now) const noexcept { return now > deadline_; }
    void abort();
    void tell_to_leave(ending how); ///< Only where it is idle.
    bool send_unsolicited(std::string_view bytes) { return transport_.try_write(bytes); }

private:
    using parser = boost::beast::http::request_parser<sink_body>;

    /// How far an exchange has got, and what of it decides on the connection.
    struct exchange
    {
        std::shared_ptr<const misbehaviour> script = {}; ///< Null: none.
        std::uint64_t ticket = 0;                        ///< Of the record in the journal.
        bool expects_continue = false;                   ///< And has not got it.
        std::uint64_t sent = 0;                          ///< Bytes of the answer.
        bool paused = false;
        bool stopped = false; ///< As the script wants it.

        std::optional<ending> instead() const { return script ? script->instead : std::nullopt; }
        bool replaced() const { return script && (script->instead || script->status || script->raw); }
    };

    asio::awaitable<bool> open();
    asio::awaitable<bool> serve();
    asio::awaitable<bool> read_head();
    asio::awaitable<bool> read_body(std::optional<std::uint64_t> limit = std::nullopt);
    asio::awaitable<bool> fill();
    asio::awaitable<reply> perform(exchange& current);
    asio::awaitable<bool> answer(exchange& current, const reply& what, bool keep);
    asio::awaitable<bool> send(exchange& current, std::string_view bytes);
    asio::awaitable<bool> conclude(exchange& current, bool keep);
    asio::awaitable<void> leave(ending how);
    asio::awaitable<void> refuse(unsigned status);
    asio::awaitable<void> pause(std::chrono::milliseconds duration);

    exchange begin_exchange();
    std::optional<std::uint64_t> declared_length() const;
    request describe_request() const;
    bool may_keep(const exchange& current) const;
    bool body_is_left() const { return !parser_->is_done(); }
    void due_in(std::chrono::milliseconds duration) { deadline_ = clock::now() + duration; }
    void never_due() { deadline_ = clock::time_point::max(); }

    const service& service_;
    connection_set& siblings_;
    transport transport_;
    asio::steady_timer timer_;
    clock::time_point deadline_ = clock::time_point::max();
    std::uint64_t number_;
    std::uint64_t requests_ = 0;
    bool idle_ = false;
    bool aborted_ = false;
    std::optional<ending> told_to_leave_;

    std::vector<char> in_;
    std::size_t in_begin_ = 0; ///< What was read and not yet used.
    std::size_t in_end_ = 0;
    std::size_t head_size_ = 0;
    std::optional<parser> parser_;
    std::string out_;

    std::string remote_address_;
    std::string tls_version_;
    std::string server_name_;
    std::string client_subject_;
    bool resumed_ = false;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_CONNECTION_HPP

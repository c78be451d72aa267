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

/// The parts of the server that all connections share.
struct server_context
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

/// The connections of one worker.
using connection_set = std::unordered_set<connection*>;

/// A connection of a client. Serves one request after the other, correctly or as a script says.
///
/// All functions must be called on the thread of the connection's worker.
class connection
{
public:
    using clock = std::chrono::steady_clock;

    connection(const server_context& server, connection_set& connections,
               asio::ip::tcp::socket socket, std::uint64_t number);
    ~connection();
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    /// Serves requests until the connection ends.
    asio::awaitable<void> run();

    // These may be called while run() waits.
    bool is_idle() const noexcept { return idle_ && !requested_end_; }
    bool is_overdue(clock::time_point now) const noexcept { return now > deadline_; }
    void abort();
    void end_idle(ending end); ///< @pre is_idle()
    bool send_unsolicited(std::string_view bytes) { return transport_.try_write(bytes); }

private:
    using parser = boost::beast::http::request_parser<sink_body>;

    /// The state of one request and its response.
    struct exchange
    {
        std::shared_ptr<const misbehaviour> script = {}; ///< Null if no script applies.
        std::uint64_t record_id = 0;                     ///< The id of the record in the journal.
        bool awaits_continue = false;                    ///< The client waits for `100 Continue`.
        std::uint64_t sent = 0; ///< The number of bytes of the response sent so far.
        bool paused = false;    ///< The pause of the script has begun.
        bool stopped = false;   ///< The script stopped the response.

        std::optional<ending> instead() const { return script ? script->instead : std::nullopt; }
        bool is_response_replaced() const
        {
            return script && (script->instead || script->status || script->raw);
        }
    };

    // Those that return a bool return false if the connection has ended, or must end.
    asio::awaitable<bool> open();
    asio::awaitable<bool> serve_request();
    asio::awaitable<bool> read_head();
    asio::awaitable<bool> read_body(std::optional<std::uint64_t> limit = std::nullopt);
    asio::awaitable<bool> fill_input();
    asio::awaitable<reply> process_request(exchange& current);
    asio::awaitable<bool> send_response(exchange& current, const reply& response, bool keep);
    asio::awaitable<bool> send_bytes(exchange& current, std::string_view bytes);
    asio::awaitable<bool> finish_exchange(exchange& current, bool keep);
    asio::awaitable<void> end_connection(ending end);
    asio::awaitable<void> reject_request(unsigned status);
    asio::awaitable<void> pause(std::chrono::milliseconds duration);

    exchange begin_exchange();
    std::optional<std::uint64_t> declared_length() const;
    request describe_request() const;
    bool can_keep(const exchange& current) const;
    bool has_unread_body() const { return !parser_->is_done(); }
    void set_deadline(std::chrono::milliseconds duration) { deadline_ = clock::now() + duration; }
    void clear_deadline() { deadline_ = clock::time_point::max(); }

    const server_context& server_;
    connection_set& connections_;
    transport transport_;
    asio::steady_timer timer_;
    clock::time_point deadline_ = clock::time_point::max();
    std::uint64_t number_;
    std::uint64_t requests_ = 0;
    bool idle_ = false;
    bool aborted_ = false;
    std::optional<ending> requested_end_;

    std::vector<char> input_;
    std::size_t input_begin_ = 0; ///< The range of bytes that were received but not yet parsed.
    std::size_t input_end_ = 0;
    std::size_t head_size_ = 0;
    std::optional<parser> parser_;
    std::string output_;

    std::string remote_address_;
    std::string tls_version_;
    std::string server_name_;
    std::string client_subject_;
    bool resumed_ = false;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_CONNECTION_HPP

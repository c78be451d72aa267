//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_FUZZ_SESSION_HPP
#define CYCLOS_FUZZ_SESSION_HPP

#include "fuzz/support/network.hpp"

#include <cyclos/images.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace cyclos::fuzz {

namespace asio = boost::asio;

/// How an operation has ended.
class outcome
{
public:
    bool done = false;
    std::string body; ///< What was delivered: the content, or the id of what was stored.
    bool complete = false;
    error_code code;
    cyclos::phase phase = cyclos::phase::preparing;
    sent_state sent = sent_state::none;
    std::optional<unsigned> status; ///< Of an error that the server told.
    std::string error_body;
};

/// An operation, and what the wires had carried when it began.
class operation
{
public:
    explicit operation(char kind)
        : what(kind)
    {}

    char what;
    outcome result;
    std::size_t first_wire = 0; ///< The one that it may have found idle.
    std::size_t sent_before = 0;
    std::size_t arrived_before = 0;
    asio::cancellation_signal cancel;
    bool was_cancelled = false;
};

/// A client over a network of wires, all on this thread and step by step.
class session
{
public:
    explicit session(config settings);
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// Ends what is left, and requires that it does end.
    ~session();

    /// A configuration for the network: no timeouts, for time plays no part here.
    static config settings(std::string url);

    /** Begins an operation.

        @param what One of @ref kinds; any other character stands for one of them too.
        @param read_size The bytes that are asked for at once where a content is read.
    */
    void start(operation& which, std::size_t read_size);

    /// Begins an upload.
    void start_upload(operation& which, source content);

    /// Lets the client do all that it can do.
    void turn();

    /// Lets the client send all that it has to send.
    void settle();

    /// Ends the connections, until the operation ends too.
    void finish(operation& which);

    void cancel(operation& which);

    network& net() noexcept { return network_; }
    cyclos::pool_stats stats();

    /// The connection that the client talks over: the newest. Null where there is none.
    wire* current();

    /// content, view, delete, list, reorder; uploads: small and large, of known and of unknown
    /// length.
    static constexpr std::string_view kinds = "cvdlrubUB";

    static bool is_upload(char kind)
    {
        return kind == 'u' || kind == 'b' || kind == 'U' || kind == 'B';
    }

    /// The bytes of the upload of that kind.
    static std::string upload_of(char kind);

private:
    template <class T>
    void spawn(operation& which, asio::awaitable<T> what);

    asio::awaitable<void> perform(operation& which, std::size_t read_size);
    asio::awaitable<void> perform_upload(operation& which, source content);
    void begin(operation& which);

    asio::io_context context_{1};
    network network_;
    std::unique_ptr<client> client_;
    images_api images_;
};

} // namespace cyclos::fuzz

#endif // CYCLOS_FUZZ_SESSION_HPP

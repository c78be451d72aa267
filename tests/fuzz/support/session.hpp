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

/// The result of an operation.
class outcome
{
public:
    bool done = false;
    std::string body; ///< The content, or the id of the stored image.
    bool complete = false;
    error_code code;
    cyclos::phase phase = cyclos::phase::preparing;
    sent_state sent = sent_state::none;
    std::optional<unsigned> status; ///< The status of an API error.
    std::string error_body;
};

/// An operation, and the counts of the connections when it began.
class operation
{
public:
    explicit operation(char type)
        : kind(type)
    {}

    char kind;
    outcome result;
    std::size_t first_wire = 0; ///< The connection that may have been idle.
    std::size_t sent_before = 0;
    std::size_t arrived_before = 0;
    asio::cancellation_signal cancel;
    bool was_cancelled = false;
};

/// A client on a simulated network, single-threaded and step by step.
class session
{
public:
    explicit session(config settings);
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// Ends all operations, and requires that they end.
    ~session();

    /// The configuration for the network: no timeouts, as there is no clock.
    static config settings(std::string url);

    /** Begins an operation.

        @param call One of @ref kinds; any other character stands for one of them too.
        @param read_size The size of each read of a content.
    */
    void start(operation& call, std::size_t read_size);

    /// Begins an upload.
    void start_upload(operation& call, source content);

    /// Runs the client until it waits.
    void turn();

    /// Runs the client until it has sent everything.
    void settle();

    /// Closes the connections until the operation ends.
    void finish(operation& call);

    void cancel(operation& call);

    network& net() noexcept { return network_; }
    cyclos::pool_stats stats();

    /// The newest connection. Null if there is none.
    wire* current();

    /// content, view, delete, list, reorder; uploads: small and large, of known and unknown length.
    static constexpr std::string_view kinds = "cvdlrubUB";

    static bool is_upload(char kind)
    {
        return kind == 'u' || kind == 'b' || kind == 'U' || kind == 'B';
    }

    /// The bytes of an upload of that kind.
    static std::string upload_of(char kind);

private:
    template <class T>
    void spawn(operation& call, asio::awaitable<T> work);

    asio::awaitable<void> perform(operation& call, std::size_t read_size);
    asio::awaitable<void> perform_upload(operation& call, source content);
    void begin(operation& call);

    asio::io_context context_{1};
    network network_;
    std::unique_ptr<client> client_;
    images_api images_;
};

} // namespace cyclos::fuzz

#endif // CYCLOS_FUZZ_SESSION_HPP

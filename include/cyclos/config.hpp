//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_CONFIG_HPP
#define CYCLOS_CONFIG_HPP

#include <cyclos/credentials.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/http/retry.hpp>
#include <cyclos/http/transfer_options.hpp>
#include <cyclos/net/events.hpp>
#include <cyclos/net/options.hpp>
#include <cyclos/net/origin.hpp>
#include <cyclos/net/text_argument.hpp>
#include <cyclos/version.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace cyclos::inline CYCLOS_ABI {

/// How lists are written in queries: that changed between the versions of the server.
enum class dialect {
    v4_11, ///< `fields=a&fields=b`, `ids=1,2`. Up to 4.12 at least.
    v4_16, ///< `fields=a,b`, `ids=1&ids=2`.
};

/** All that there is to be said about a client. Only the base URL has no default.

    @code
    cyclos::config config{"https://host/network/api", cyclos::credentials::basic("alice", password)};
    config.timeouts.total = std::chrono::seconds{20};
    config.pool.max_connections = 64;
    @endcode
*/
class config
{
public:
    config() = default;

    /// @param url The base URL of the API.
    /// @param who Who the client is; a guest where it is not given.
    /// @throws cyclos::error with errc::invalid_config where the URL is a null pointer.
    explicit config(detail::text_argument url, cyclos::credentials who = {})
        : base_url(std::string_view{url})
        , credentials(std::move(who))
    {}

    std::string base_url;            ///< Such as `https://host/network/api`.
    cyclos::credentials credentials; ///< Who the client is.
    std::string channel;             ///< The `Channel` field of every request; empty for none.

    cyclos::dialect dialect = cyclos::dialect::v4_11; ///< How the server reads lists.

    tls_config tls;            ///< Whom to trust, and what to show.
    pool_config pool;          ///< How many connections there may be, and for how long.
    timeout_config timeouts;   ///< How long each phase may take.
    proxy_config proxy;        ///< Which way connections go.
    retry_config retry;        ///< What is tried again; nothing by default.
    upload_config uploads;     ///< What is checked before an upload.
    download_config downloads; ///< What happens to a download that breaks off.

    /// Plain `http://` is allowed for loopback. Set this, and credentials go out in clear to any host.
    bool allow_plain_http = false;

    /** The executor that the client is given runs one handler at a time: it is a strand, or that of a context which
        one thread runs. Otherwise the client puts a strand of its own on top of it. Where this is set although the
        executor runs several handlers at a time, an assertion fails as soon as two threads meet. */
    bool serial_executor = false;

    /// Is told what the client does, where it is set.
    event_hook on_event;

    /** On how many strands the work is spread, where the executor's context has several threads. They share the
        connections; an operation that is called on one of them stays there, others take turns. */
    std::size_t shards = 1;

    /** Threads that read and write files, of which the first file starts one. The clients of an execution context share
        them: the largest number counts. A thread that is stuck, in a network file system whose server is gone, is left
        behind and replaced; all of them together are at most 64.

        This does not end the operation that waits for it: by default it waits for as long as the file hangs.
        `timeouts.source` and `timeouts.total` bound an upload, `timeouts.total` bounds image_content::save_to(), and a
        cancellation or client::close() ends each of them within a second. */
    std::size_t file_threads = 2;

    /** How many redirects of a request are followed; by default none is, and the 3xx is an @ref api_error.

        Only those of a GET are, and only within the origin of the base URL: scheme, host and port. */
    unsigned max_redirects = 0;

    /// The bytes that the head of a response may have.
    std::uint32_t max_head_size = 16 * 1024;

    /// The bytes that a JSON response may have.
    std::uint64_t max_json_size = 16 * 1024 * 1024;

    /// The `User-Agent` field of every request; none where it is empty.
    std::string user_agent = "cyclos-images/" CYCLOS_IMAGES_VERSION;
};

/// The two parts of a base URL.
class base_url
{
public:
    net::origin origin; ///< Scheme, host and port.
    std::string path;   ///< Encoded, without a slash at its end.
};

/** Takes a base URL apart.

    @throws cyclos::error with errc::invalid_config where it is none: another scheme, no host, a query, a fragment,
    a user, or a `.` or `..` in the path.
*/
CYCLOS_DECL base_url parse_base_url(std::string_view url);

/// Whether a host is this machine by its name or literal: `localhost`, 127.0.0.0/8 or ::1.
CYCLOS_DECL bool is_loopback(std::string_view host);

/** Checks a configuration.

    @throws cyclos::error with errc::invalid_config, or errc::insecure_transport where it would use plain http for a
    host that is not loopback.
*/
CYCLOS_DECL void validate(const config& settings);

namespace detail {

/// A configuration that was validated, and whose durations are at most 100 years, so that the time now plus one of them
/// cannot overflow. @throws As cyclos::validate()
CYCLOS_DECL config validated(config settings);

} // namespace detail

} // namespace cyclos::inline CYCLOS_ABI

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/impl/config.ipp>
#endif

#endif // CYCLOS_CONFIG_HPP

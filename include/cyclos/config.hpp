//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_CONFIG_HPP
#define CYCLOS_CONFIG_HPP

#include <cyclos/api_version.hpp>
#include <cyclos/connect_hook.hpp>
#include <cyclos/credentials.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/detail/text_argument.hpp>
#include <cyclos/events.hpp>
#include <cyclos/origin.hpp>
#include <cyclos/pool_config.hpp>
#include <cyclos/proxy_config.hpp>
#include <cyclos/resolve_override.hpp>
#include <cyclos/retry_config.hpp>
#include <cyclos/timeout_config.hpp>
#include <cyclos/tls_config.hpp>
#include <cyclos/transfer_config.hpp>
#include <cyclos/version.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {

/** Client configuration. Only the base URL has no default.

    @code
    cyclos::config config{"https://host/network/api",
                          cyclos::credentials::basic("alice", password)};
    config.timeouts.total = std::chrono::seconds{20};
    config.pool.max_connections = 64;
    @endcode
*/
class config
{
public:
    config() = default;

    /** Sets the base URL and the credentials.

        @param url The base URL of the API. It is not checked yet: see validate().
        @param user The credentials; a guest by default.

        @throws cyclos::error with errc::invalid_config if the URL is a null pointer.
    */
    explicit config(detail::text_argument url, cyclos::credentials user = {})
        : base_url(std::string_view{url})
        , credentials(std::move(user))
    {}

    std::string base_url;            ///< Base URL of the API, such as `https://host/network/api`.
    cyclos::credentials credentials; ///< The user of handles that name no other.
    std::string channel; ///< `Channel` header field of every request; empty: no such field.

    /// Further header fields of every request, logins included: names and values. See @ref header
    /// for those that are rejected. call_options::headers replaces those of the same name.
    std::vector<std::pair<std::string, std::string>> headers;

    cyclos::api_version api_version = cyclos::api_version::v4_11; ///< How queries encode lists.

    tls_config tls;          ///< Server verification and client certificate.
    pool_config pool;        ///< Connection pool: limits and lifetimes.
    timeout_config timeouts; ///< Timeout per phase, and deadline per operation.
    proxy_config proxy;      ///< HTTP proxy; none by default.
    retry_config retry;      ///< Retries and back-off; off by default.

    /** Retry budget: retries may add at most this fraction to the request rate (0.2 = 20 %). It
        limits the extra load on a server that is in trouble.

        All requests of the client share it, whatever their user and their call_options::retry. It
        starts full: unused retries are saved up to ten, or up to this value if that is more than
        ten. Must not be negative. */
    double retry_budget = 0.2;

    connect_hook connect;      ///< Opens the connections instead of the library; none by default.
    upload_config uploads;     ///< Checks before an upload, and `Expect: 100-continue`.
    download_config downloads; ///< Resuming of interrupted downloads.

    /// Addresses for hosts that are not looked up then, as `curl --resolve`. The certificate must
    /// still be for the host name.
    std::vector<resolve_override> resolve;

    /// Allows plain `http://` for every host. It is always allowed for loopback hosts. Credentials
    /// are not encrypted then.
    bool allow_plain_http = false;

    /** The executor of the client runs one handler at a time: it is a strand, or it belongs to a
        context that a single thread runs. The client then needs no strand of its own.

        If this is set although the executor runs handlers concurrently, an assertion fails as soon
        as two threads enter the client at the same time. Requires `shards == 1`. */
    bool serial_executor = false;

    /// Metrics and tracing: is called for each event of the client. See @ref event_hook.
    event_hook on_event;

    /** Number of strands that the work is spread over, from 1 to `pool.max_connections`. More than
        one is useful if several threads run the executor's context.

        The shards share the limits of the pool. An operation that is called on the executor of a
        shard runs on that shard; others are distributed round-robin. If the shard has no connection
        to give, an operation runs on one that has an idle connection. */
    std::size_t shards = 1;

    /** Number of threads that read and write files, from 1 to 64. The first file operation starts
        the first of them.

        All clients of an execution context share these threads; the largest number counts. A thread
        that is stuck, for instance in a network file system whose server is gone, is left behind
        and replaced. There are never more than 64 threads, stuck ones included.

        Replacing a stuck thread does not end the operation that waits for the file: by default it
        waits until the file system responds. `timeouts.source` and `timeouts.total` limit an
        upload, and `timeouts.total` limits image_content::save_to(). Cancellation and
        client::close() end each of them within a second. */
    std::size_t file_threads = 2;

    /** Maximum number of redirects to follow per request. By default none is followed, and a 3xx
        response is thrown as @ref api_error.

        Only redirects of GET requests are followed, and only within the origin of the base URL: the
        scheme, the host and the port must be the same. */
    unsigned max_redirects = 0;

    /// Maximum size of the header section of a response, in bytes; at least 1024. Each connection
    /// has a read buffer of this size.
    std::uint32_t max_header_size = 16 * 1024;

    /// Maximum size of a JSON response, in bytes.
    std::uint64_t max_json_size = 16 * 1024 * 1024;

    /// `User-Agent` header field of every request; empty: no such field.
    std::string user_agent = "cyclos-images/" CYCLOS_IMAGES_VERSION;
};

/// A parsed base URL.
class base_url
{
public:
    cyclos::origin origin; ///< Scheme, host and port.
    std::string path;      ///< Percent-encoded path, without trailing slashes.
};

/** Parses a base URL.

    @param url An absolute URL, such as `https://host/network/api`.
    @return The origin, with the host in lower case and the default port if the URL has none, and
    the path.

    @throws cyclos::error with errc::invalid_config if the URL is not absolute, has a scheme other
    than `http` and `https`, no host, a percent-encoded host, user information, a query, a fragment,
    a port that is not a number from 1 to 65535, or a path segment `.` or `..`.
*/
CYCLOS_DECL base_url parse_base_url(std::string_view url);

/** Whether a host is a loopback host: `localhost`, an address in 127.0.0.0/8, or ::1. Names are not
    resolved.

    @param host A host name, or an address without brackets.
*/
CYCLOS_DECL bool is_loopback(std::string_view host);

/** Checks a configuration. The constructor of @ref client calls it.

    Files of certificates and keys are not read.

    @throws cyclos::error with errc::invalid_config if the base URL is invalid, a value is out of
    range, or two settings contradict each other; with errc::insecure_transport if the base URL has
    plain `http://` for a host that is not loopback, and allow_plain_http is not set. The details
    name the setting.
*/
CYCLOS_DECL void validate(const config& settings);

namespace detail {

/// A setting that is the value of a header field of every request, unless it is empty.
struct header_setting
{
    std::string_view name; ///< In errors.
    std::string_view field;
    std::string config::* value;
};

// validate() checks them, and make_common_fields() makes fields of them.
inline constexpr header_setting header_settings[] = {
    {"user_agent", "User-Agent", &config::user_agent},
    {"channel", "Channel", &config::channel},
};

/// Validates a configuration and limits its durations to 100 years, so that adding one to the
/// current time cannot overflow. Throws as cyclos::validate() does.
CYCLOS_DECL config validated(config settings);

} // namespace detail

} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/impl/config.ipp>
#include <cyclos/detail/impl/proxy_config.ipp>
#endif

#endif // CYCLOS_CONFIG_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_OPTIONS_HPP
#define CYCLOS_SANDBOX_OPTIONS_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace cyclos::sandbox {

/// The version of the API, which determines the format of lists in queries.
enum class api_version {
    v4_11, ///< `fields=a&fields=b`, `ids=1,2`; the deprecated operations exist.
    v4_16, ///< `fields=a,b`, `ids=1&ids=2`; the deprecated operations do not exist.
    any,   ///< Accepts both formats; otherwise like 4.11.
};

/// The certificate that the server presents. `server::ca_file()` is the file of its authority.
enum class certificate {
    good,          ///< Issued by the authority for localhost, 127.0.0.1 and ::1.
    wrong_host,    ///< Issued by the authority, but for `elsewhere.invalid`.
    common_name,   ///< Issued by the authority, but the host is in the subject's common name only.
    expired,       ///< Issued by the authority, but valid until yesterday.
    not_yet_valid, ///< Issued by the authority, but valid from tomorrow.
    self_signed,   ///< For localhost, signed with its own key.
    unknown_ca,    ///< For localhost, issued by another authority.
};

/// Whether the server requests a client certificate of its authority.
enum class client_certificate { none, optional, required };

enum class tls_version { v1_2, v1_3 };

/// The form of `Location` and of `Image.url`.
enum class location_style {
    absolute, ///< `https://localhost:PORT/api/images/content/KEY`
    relative, ///< `/api/images/content/KEY`
    none,     ///< Neither is sent.
};

/// Configuration of a server. A test changes a running server with @ref store and
/// @ref misbehaviour.
struct options
{
    // The server listens on 127.0.0.1, and also on ::1 if the system has IPv6.
    std::uint16_t port = 0; ///< 0: the system picks one.
    std::string base_path = "/api";
    unsigned threads = 1;
    int backlog = 1024;

    // TLS
    bool tls = true;
    /// The directory for `ca.pem`; empty: a temporary directory, removed with the server.
    std::filesystem::path cert_dir = {};
    sandbox::certificate certificate = sandbox::certificate::good;
    sandbox::client_certificate client_certificate = sandbox::client_certificate::none;
    tls_version tls_min = tls_version::v1_2;
    tls_version tls_max = tls_version::v1_3;
    bool resumption = true; ///< Issue session tickets.

    // Connections
    bool keep_alive = true; ///< False: send `Connection: close` with every response.
    std::chrono::milliseconds idle_timeout{60'000}; ///< Close idle connections after this time.
    /// Limit for the TLS handshake, and for each read and write.
    std::chrono::milliseconds io_timeout{60'000};
    unsigned requests_per_connection = 0; ///< 0: no limit.
    bool announce_keep_alive = false;     ///< Send `Keep-Alive: timeout=N`, with @ref idle_timeout.
    std::size_t max_head = 64 * 1024;     ///< Request line and header section; 431 above.
    /// After an early response, read the rest of the body and keep the connection if at most this
    /// many bytes are left.
    std::uint64_t max_drain = 256 * 1024;

    // The API
    sandbox::api_version api_version = sandbox::api_version::v4_11;
    std::size_t max_images = 10; ///< Per user and kind, or per advertisement; 422 `maxItems` above.
    std::uint64_t max_file_size = 64ull << 30; ///< 422 `fileUploadSize` above.
    /// Limit for the body of a request; 413 above, like that of a reverse proxy.
    std::uint64_t max_request = ~std::uint64_t{0};
    std::size_t max_temp_images = 10'000;     ///< Above, a new one replaces the oldest.
    std::uint64_t max_kept_body = 16 << 20;   ///< Memory for one file; 413 above.
    std::uint64_t max_kept_total = 512 << 20; ///< Memory for all files; 507 above.
    /// Accept files above these two limits, but keep only their first KiB and replace the rest by
    /// the pattern of @ref content. A download then returns the bytes that were uploaded only if
    /// they follow the pattern.
    bool replace_with_pattern = false;
    bool strict_multipart = true; ///< False: accept forms of other clients: @ref multipart_parser.
    bool check_pictures = false;  ///< 422 `validation` unless the file is a PNG, JPEG or GIF.
    bool digest = true;           ///< Compute @ref image::sha256 of each upload.
    /// Lifetime of a session after its last request; 0: no limit.
    std::chrono::seconds session_timeout{0};
    unsigned max_bad_logins = 5; ///< Failed logins until a password is blocked: 401 `login`.
    /// Failed logins until an address is blocked: 401 `remoteAddressBlocked`.
    unsigned max_bad_logins_per_address = 20;

    // Content
    bool ranges = true; ///< Support `Accept-Ranges`, `Range` and `If-Range`.
    bool etags = true;  ///< Support `ETag` and `If-None-Match`.
    sandbox::location_style location = sandbox::location_style::absolute;
    /// The origin in locations, such as that of a CDN; empty: `https://localhost:PORT`.
    std::string content_origin = {};

    // Request records
    std::size_t kept_requests = 256; ///< Keep this many: @ref server::requests.
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_OPTIONS_HPP

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

/// How lists are written in queries.
enum class dialect {
    v4_11, ///< `fields=a&fields=b`, `ids=1,2`; the deprecated operations exist.
    v4_16, ///< `fields=a,b`, `ids=1&ids=2`; the deprecated operations are gone.
    any,   ///< Either way; otherwise as 4.11.
};

/// Which certificate the server presents.
enum class certificate {
    good,          ///< For localhost, 127.0.0.1 and ::1, issued by the authority of @ref server::ca_file.
    wrong_host,    ///< Issued by that authority, but for `elsewhere.invalid`.
    common_name,   ///< Issued by that authority, but with its names in the subject alone.
    expired,       ///< Issued by that authority; valid until yesterday.
    not_yet_valid, ///< Issued by that authority; valid from tomorrow.
    self_signed,   ///< For localhost, signed with its own key.
    unknown_ca,    ///< For localhost, issued by an authority that nobody knows.
};

/// Whether the server asks for a client certificate of its authority.
enum class client_certificate { none, optional, required };

enum class tls_version { v1_2, v1_3 };

/// How `Location` and `Image.url` are written.
enum class location_style {
    absolute, ///< `https://localhost:PORT/api/images/content/KEY`
    relative, ///< `/api/images/content/KEY`
    none,     ///< Not at all.
};

/// What the server is set up with. What a test changes while the server runs is in @ref store and @ref misbehaviour.
struct options
{
    // Where it listens: 127.0.0.1, and ::1 where the system has it.
    std::uint16_t port = 0; ///< 0: the system picks.
    std::string base_path = "/api";
    unsigned threads = 1;
    int backlog = 1024;

    // TLS
    bool tls = true;
    std::filesystem::path cert_dir = {}; ///< Where `ca.pem` is written; empty: a fresh folder, removed at the end.
    sandbox::certificate certificate = sandbox::certificate::good;
    sandbox::client_certificate client_certificate = sandbox::client_certificate::none;
    tls_version tls_min = tls_version::v1_2;
    tls_version tls_max = tls_version::v1_3;
    bool resumption = true; ///< Session tickets.

    // Connections
    bool keep_alive = true;                         ///< False: every response says `Connection: close`.
    std::chrono::milliseconds idle_timeout{60'000}; ///< Until an idle connection is closed.
    std::chrono::milliseconds io_timeout{60'000};   ///< Between two bytes of a request or a response.
    unsigned requests_per_connection = 0;           ///< 0: no limit.
    bool announce_keep_alive = false;               ///< `Keep-Alive: timeout=N`, of @ref idle_timeout.
    std::size_t max_head = 64 * 1024;               ///< Of a request; 431 above it.
    std::uint64_t max_drain = 256 * 1024; ///< An early answer keeps the connection where no more of the body is left.

    // The API
    sandbox::dialect dialect = sandbox::dialect::v4_11;
    std::size_t max_images = 10;                   ///< Of a user and kind, or of an ad; 422 `maxItems` above it.
    std::uint64_t max_file_size = 64ull << 30;     ///< 422 `fileUploadSize` above it.
    std::uint64_t max_request = ~std::uint64_t{0}; ///< Of a body; 413 above it, as a front-end server answers.
    std::size_t max_temp_images = 10'000;          ///< The oldest go first.
    std::uint64_t max_kept_body = 16 << 20;        ///< Of a file; 413 above it.
    std::uint64_t max_kept_total = 512 << 20;      ///< Of all files together; 507 above it.
    /// Above these limits, keep the first KiB of a file and make the rest up, instead of refusing it: for uploads of
    /// any size whose bytes follow the pattern, see @ref content. Of any other the bytes that come back are not those
    /// that were sent.
    bool replace_with_pattern = false;
    bool strict_multipart = true; ///< False: forms of other clients too, see @ref multipart_parser.
    bool check_pictures = false;  ///< 422 `validation` for what is no PNG, JPEG or GIF.
    bool digest = true;           ///< SHA-256 of what is uploaded; needed for a strong `ETag`.
    /// How long a session lasts without a request; 0: until it is logged out, or @ref store::expire_sessions.
    std::chrono::seconds session_timeout{0};
    unsigned max_bad_logins = 5;             ///< Then the password is blocked (401 `login`).
    unsigned max_bad_logins_of_address = 20; ///< Then the address is blocked (401 `remoteAddressBlocked`).

    // Content
    bool ranges = true; ///< `Accept-Ranges`, `Range`, `If-Range`.
    bool etags = true;  ///< `ETag`, `If-None-Match`.
    sandbox::location_style location = sandbox::location_style::absolute;
    std::string content_origin = {}; ///< In place of `https://localhost:PORT` in locations, such as that of a CDN.

    // What is remembered of requests
    std::size_t kept_requests = 256; ///< The last ones; see @ref server::requests.
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_OPTIONS_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SRC_HPP
#define CYCLOS_SRC_HPP

/** @file
    The definitions of the library, for separate compilation.

    Define `CYCLOS_SEPARATE_COMPILATION` for all of a program, and include this file in exactly one of its source
    files.
*/

#include <cyclos/detail/config.hpp>

#if !defined(CYCLOS_SEPARATE_COMPILATION)
#error "cyclos/src.hpp is for programs that are built with CYCLOS_SEPARATE_COMPILATION"
#endif

#include <cyclos/detail/impl/json.ipp>
#include <cyclos/http/impl/body_source.ipp>
#include <cyclos/http/impl/chunked_decoder.ipp>
#include <cyclos/http/impl/content_range.ipp>
#include <cyclos/http/impl/date.ipp>
#include <cyclos/http/impl/exchange.ipp>
#include <cyclos/http/impl/image_head.ipp>
#include <cyclos/http/impl/multipart.ipp>
#include <cyclos/http/impl/response.ipp>
#include <cyclos/http/impl/retry.ipp>
#include <cyclos/http/impl/retry_after.ipp>
#include <cyclos/http/impl/source.ipp>
#include <cyclos/http/impl/source_reader.ipp>
#include <cyclos/http/impl/target.ipp>
#include <cyclos/http/impl/upload.ipp>
#include <cyclos/images/impl/api.ipp>
#include <cyclos/images/impl/content.ipp>
#include <cyclos/images/impl/decode.ipp>
#include <cyclos/images/impl/json.ipp>
#include <cyclos/impl/authenticator.ipp>
#include <cyclos/impl/client.ipp>
#include <cyclos/impl/client_state.ipp>
#include <cyclos/impl/config.ipp>
#include <cyclos/impl/credentials.ipp>
#include <cyclos/impl/download.ipp>
#include <cyclos/impl/error.ipp>
#include <cyclos/impl/login.ipp>
#include <cyclos/impl/make_api_error.ipp>
#include <cyclos/impl/redirect.ipp>
#include <cyclos/impl/safe_file_name.ipp>
#include <cyclos/net/impl/address_race.ipp>
#include <cyclos/net/impl/authority.ipp>
#include <cyclos/net/impl/connect.ipp>
#include <cyclos/net/impl/connect_reply.ipp>
#include <cyclos/net/impl/connection.ipp>
#include <cyclos/net/impl/error.ipp>
#include <cyclos/net/impl/pool.ipp>
#include <cyclos/net/impl/pool_core.ipp>
#include <cyclos/net/impl/secret.ipp>
#include <cyclos/net/impl/session_cache.ipp>
#include <cyclos/net/impl/tls_context.ipp>
#include <cyclos/net/impl/tls_stream.ipp>

#endif // CYCLOS_SRC_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SRC_HPP
#define CYCLOS_SRC_HPP

/** @file
    Separate compilation: the definitions of the library.

    Define `CYCLOS_SEPARATE_COMPILATION` for the whole program, and include this file in exactly one
    of its source files.
*/

#include <cyclos/detail/config.hpp>

#if !defined(CYCLOS_SEPARATE_COMPILATION)
#error "cyclos/src.hpp is for programs that are built with CYCLOS_SEPARATE_COMPILATION"
#endif

#include <cyclos/detail/api/impl/decode.ipp>
#include <cyclos/detail/base/impl/json.ipp>
#include <cyclos/detail/client/impl/authenticator.ipp>
#include <cyclos/detail/client/impl/call.ipp>
#include <cyclos/detail/client/impl/client_state.ipp>
#include <cyclos/detail/client/impl/download.ipp>
#include <cyclos/detail/client/impl/handle_context.ipp>
#include <cyclos/detail/client/impl/identity.ipp>
#include <cyclos/detail/client/impl/login.ipp>
#include <cyclos/detail/client/impl/logout.ipp>
#include <cyclos/detail/client/impl/make_api_error.ipp>
#include <cyclos/detail/client/impl/operation.ipp>
#include <cyclos/detail/client/impl/redirect.ipp>
#include <cyclos/detail/http/impl/date.ipp>
#include <cyclos/detail/http/impl/exchange.ipp>
#include <cyclos/detail/http/request/impl/header_rules.ipp>
#include <cyclos/detail/http/request/impl/multipart.ipp>
#include <cyclos/detail/http/request/impl/request_writer.ipp>
#include <cyclos/detail/http/request/impl/target.ipp>
#include <cyclos/detail/http/response/impl/chunked_decoder.ipp>
#include <cyclos/detail/http/response/impl/content_range.ipp>
#include <cyclos/detail/http/response/impl/response.ipp>
#include <cyclos/detail/http/retry/impl/retry_after.ipp>
#include <cyclos/detail/http/retry/impl/retry_schedule.ipp>
#include <cyclos/detail/http/source/impl/image_head.ipp>
#include <cyclos/detail/http/source/impl/source_reader.ipp>
#include <cyclos/detail/impl/api_error.ipp>
#include <cyclos/detail/impl/body_source.ipp>
#include <cyclos/detail/impl/client.ipp>
#include <cyclos/detail/impl/config.ipp>
#include <cyclos/detail/impl/credentials.ipp>
#include <cyclos/detail/impl/error.ipp>
#include <cyclos/detail/impl/error_code.ipp>
#include <cyclos/detail/impl/file_source.ipp>
#include <cyclos/detail/impl/image_content.ipp>
#include <cyclos/detail/impl/images_api.ipp>
#include <cyclos/detail/impl/json.ipp>
#include <cyclos/detail/impl/memory_source.ipp>
#include <cyclos/detail/impl/proxy_config.ipp>
#include <cyclos/detail/impl/safe_file_name.ipp>
#include <cyclos/detail/impl/secret.ipp>
#include <cyclos/detail/net/impl/address_race.ipp>
#include <cyclos/detail/net/impl/authority.ipp>
#include <cyclos/detail/net/impl/basic_authorization.ipp>
#include <cyclos/detail/net/impl/connect.ipp>
#include <cyclos/detail/net/impl/connect_reply.ipp>
#include <cyclos/detail/net/impl/connection.ipp>
#include <cyclos/detail/net/impl/pool.ipp>
#include <cyclos/detail/net/impl/pool_core.ipp>
#include <cyclos/detail/net/impl/run_connect_hook.ipp>
#include <cyclos/detail/net/impl/session_cache.ipp>
#include <cyclos/detail/net/impl/socks_negotiation.ipp>
#include <cyclos/detail/net/impl/system_authorities.ipp>
#include <cyclos/detail/net/impl/tls_context.ipp>
#include <cyclos/detail/net/impl/tls_stream.ipp>
#include <cyclos/detail/net/impl/warm_up.ipp>

#endif // CYCLOS_SRC_HPP

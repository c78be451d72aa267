//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGES_HPP
#define CYCLOS_IMAGES_HPP

/** @file
    Includes the whole library except for cyclos/json.hpp, which converts models to JSON.

    @code
    #include <cyclos/images.hpp>
    @endcode
*/

#include <cyclos/api_error.hpp>
#include <cyclos/api_version.hpp>
#include <cyclos/body_source.hpp>
#include <cyclos/call_options.hpp>
#include <cyclos/client.hpp>
#include <cyclos/close_reason.hpp>
#include <cyclos/config.hpp>
#include <cyclos/connect_hook.hpp>
#include <cyclos/credentials.hpp>
#include <cyclos/enums.hpp>
#include <cyclos/error.hpp>
#include <cyclos/error_bodies.hpp>
#include <cyclos/error_code.hpp>
#include <cyclos/error_codes.hpp>
#include <cyclos/events.hpp>
#include <cyclos/file_source.hpp>
#include <cyclos/header.hpp>
#include <cyclos/header_fields.hpp>
#include <cyclos/image_content.hpp>
#include <cyclos/images_api.hpp>
#include <cyclos/memory_source.hpp>
#include <cyclos/models.hpp>
#include <cyclos/open_enum.hpp>
#include <cyclos/operation.hpp>
#include <cyclos/options.hpp>
#include <cyclos/origin.hpp>
#include <cyclos/pool_config.hpp>
#include <cyclos/pool_stats.hpp>
#include <cyclos/progress.hpp>
#include <cyclos/proxy_config.hpp>
#include <cyclos/resolve_override.hpp>
#include <cyclos/result.hpp>
#include <cyclos/retry_config.hpp>
#include <cyclos/safe_file_name.hpp>
#include <cyclos/secret.hpp>
#include <cyclos/stream_source.hpp>
#include <cyclos/timeout_config.hpp>
#include <cyclos/tls_config.hpp>
#include <cyclos/transfer_all.hpp>
#include <cyclos/transfer_config.hpp>
#include <cyclos/version.hpp>

#endif // CYCLOS_IMAGES_HPP

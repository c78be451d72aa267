//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_EXCHANGE_SETTINGS_HPP
#define CYCLOS_HTTP_EXCHANGE_SETTINGS_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/http/retry.hpp>
#include <cyclos/http/transfer_options.hpp>

#include <cstdint>

namespace cyclos::inline CYCLOS_ABI::http {

/// How the requests of a client are sent.
class exchange_settings
{
public:
    exchange_settings(std::uint32_t head, const upload_config& upload, const retry_config& config)
        : head_limit(head)
        , uploads(upload)
        , retry(config)
        , budget(config.budget)
    {}

    std::uint32_t head_limit; ///< The bytes that the head of a response may have.
    upload_config uploads;
    retry_config retry;
    retry_budget budget;
};

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_EXCHANGE_SETTINGS_HPP

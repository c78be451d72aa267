//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_EXCHANGE_SETTINGS_HPP
#define CYCLOS_DETAIL_HTTP_EXCHANGE_SETTINGS_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/http/call_terms.hpp>
#include <cyclos/detail/http/retry/retry_schedule.hpp>
#include <cyclos/transfer_config.hpp>

#include <cstdint>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/// The settings that all exchanges of one client share, and the retry budget that they spend from.
class exchange_settings
{
public:
    exchange_settings(std::uint32_t max_header_size, const upload_config& upload,
                      const retry_config& config, double retry_budget_part)
        : header_limit(max_header_size)
        , uploads(upload)
        , retry(config)
        , budget(retry_budget_part)
    {}

    /// The retries of a call with these terms, which may be null.
    const retry_config& retry_of(const call_terms* terms) const noexcept
    {
        return terms != nullptr && terms->retry ? *terms->retry : retry;
    }

    std::uint32_t header_limit; ///< Maximum size of a status line and header section, in bytes.
    upload_config uploads;
    retry_config retry;
    retry_budget budget;
};

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_EXCHANGE_SETTINGS_HPP

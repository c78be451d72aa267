//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "repetition.hpp"

#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <algorithm>
#include <random>
#include <string>

namespace tool {
namespace {

constexpr std::chrono::milliseconds first_pause{500};
constexpr std::chrono::milliseconds longest_pause = std::chrono::seconds{15};
constexpr std::chrono::seconds longest_wish{60}; // of the server, in `Retry-After`

bool is_untrusted(const cyclos::error_code& code)
{
    return code == cyclos::errc::host_name_mismatch ||
           (code.category() == boost::asio::error::get_ssl_category() &&
            ERR_GET_REASON(static_cast<unsigned long>(code.value())) == SSL_R_CERTIFICATE_VERIFY_FAILED);
}

/// Whether the same request might fare better in a while.
bool may_pass(const cyclos::error& failure)
{
    if (const auto* answered = dynamic_cast<const cyclos::api_error*>(&failure)) {
        const unsigned status = answered->status();
        return (status == 429 || status == 502 || status == 503 || status == 504) &&
               answered->retry_after().value_or(std::chrono::seconds{0}) <= longest_wish;
    }
    if (failure.is_refused() || is_untrusted(failure.code())) {
        return false;
    }
    if (failure.code().category() != cyclos::error_category()) {
        return true; // of the system, of Asio, of OpenSSL: the connection failed
    }
    switch (static_cast<cyclos::errc>(failure.code().value())) {
    case cyclos::errc::acquire_timeout:
    case cyclos::errc::resolve_timeout:
    case cyclos::errc::connect_timeout:
    case cyclos::errc::handshake_timeout:
    case cyclos::errc::first_byte_timeout:
    case cyclos::errc::stall_timeout:
    case cyclos::errc::connection_lost: return true;
    default: return false;
    }
}

std::chrono::milliseconds pause_before(unsigned repeated, const cyclos::error& failure)
{
    std::minstd_rand random{std::random_device{}()};
    const double jitter = std::uniform_real_distribution<double>{0.75, 1.25}(random);
    const auto pause = std::min(first_pause * (1U << std::min(repeated, 8U)), longest_pause);
    const auto mine = std::chrono::duration_cast<std::chrono::milliseconds>(pause * jitter);
    const auto* answered = dynamic_cast<const cyclos::api_error*>(&failure);
    const auto wish = answered ? answered->retry_after() : std::nullopt;
    return wish ? std::max<std::chrono::milliseconds>(*wish, mine) : mine;
}

} // namespace

std::optional<std::chrono::milliseconds> repetition::next_attempt(repeatable when, const cyclos::error& failure)
{
    const bool safe =
        when == repeatable::always || (when == repeatable::unsent && failure.sent() == cyclos::sent_state::no);
    if (left_ == 0 || !safe || !may_pass(failure)) {
        return std::nullopt;
    }
    --left_;
    const auto pause = pause_before(repeated_++, failure);
    earlier_attempts_ += failure.attempts();
    out_.event(failure.code().message() + " while " + std::string{to_string(failure.phase())} + "; again in " +
               std::to_string(pause.count()) + " ms");
    return pause;
}

} // namespace tool

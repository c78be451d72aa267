//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_ERROR_CODE_IPP
#define CYCLOS_DETAIL_IMPL_ERROR_CODE_IPP

#include <cyclos/error_code.hpp>

#include <boost/beast/http/status.hpp>

#include <string>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

// The categories have ids and compare equal by them: a program may have several instances of each,
// for example one in a shared library with hidden symbols.

class library_category final : public boost::system::error_category
{
public:
    constexpr library_category() noexcept
        : error_category(0x6379636c6f730001U)
    {}

    const char* name() const noexcept override { return "cyclos"; }

    std::string message(int value) const override
    {
        return properties_of(static_cast<errc>(value)).text;
    }

    boost::system::error_condition default_error_condition(int value) const noexcept override
    {
        const auto condition = properties_of(static_cast<errc>(value)).condition;
        if (condition == boost::system::errc::success) {
            return {value, *this};
        }
        return make_error_condition(condition);
    }
};

class status_category final : public boost::system::error_category
{
public:
    constexpr status_category() noexcept
        : error_category(0x6379636c6f730002U)
    {}

    const char* name() const noexcept override { return "http"; }

    std::string message(int value) const override
    {
        const auto status = static_cast<boost::beast::http::status>(value);
        return std::to_string(value) + ' ' +
               std::string{boost::beast::http::obsolete_reason(status)};
    }
};

} // namespace detail

CYCLOS_DECL const boost::system::error_category& error_category() noexcept
{
    static const detail::library_category instance;
    return instance;
}

CYCLOS_DECL const boost::system::error_category& http_status_category() noexcept
{
    static const detail::status_category instance;
    return instance;
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_ERROR_CODE_IPP

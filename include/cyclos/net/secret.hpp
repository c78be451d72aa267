//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_NET_SECRET_HPP
#define CYCLOS_NET_SECRET_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/text_argument.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cyclos::inline CYCLOS_ABI {

namespace detail {

/// Overwrites memory in a way that no optimiser leaves out.
CYCLOS_DECL void wipe(void* data, std::size_t size) noexcept;

/// Wipes whatever it takes back, so that nothing stays behind where a container grows or goes.
template <class T>
class wiping_allocator
{
public:
    using value_type = T;

    wiping_allocator() = default;

    template <class U>
    wiping_allocator(const wiping_allocator<U>& /*other*/) noexcept // NOLINT(google-explicit-constructor)
    {}

    T* allocate(std::size_t n) { return std::allocator<T>{}.allocate(n); }

    void deallocate(T* p, std::size_t n) noexcept
    {
        wipe(p, n * sizeof(T));
        std::allocator<T>{}.deallocate(p, n);
    }

    template <class U>
    friend bool operator==(const wiping_allocator& /*a*/, const wiping_allocator<U>& /*b*/) noexcept
    {
        return true;
    }
};

/// Text that is wiped. What is short enough to stand in the object itself is not: it is for what never is.
using wiped_string = std::basic_string<char, std::char_traits<char>, wiping_allocator<char>>;

/// Bytes that are wiped, however few.
using wiped_bytes = std::vector<char, wiping_allocator<char>>;

} // namespace detail

/** A password or a token. Its memory is overwritten when it goes, when it grows, and when something else is assigned.

    It is given as text, which a null pointer is not (errc::invalid_config), and looked at with view(): nothing prints
    it by mistake. What it was made of is the business of whoever has that.
*/
class secret
{
public:
    secret() = default;

    template <std::convertible_to<std::string_view> Text>
    secret(const Text& text) // NOLINT(google-explicit-constructor): a password is to be assigned as it is
    {
        *this += detail::text_argument{text};
    }

    secret(const secret&) = default;
    secret(secret&&) noexcept = default;

    secret& operator=(const secret& other)
    {
        if (this != &other) {
            bytes_ = detail::wiped_bytes{other.bytes_}; // not into what holds the old one
        }
        return *this;
    }

    secret& operator=(secret&&) noexcept = default;
    ~secret() = default;

    secret& operator+=(std::string_view text)
    {
        bytes_.insert(bytes_.end(), text.begin(), text.end());
        return *this;
    }

    std::string_view view() const noexcept { return {bytes_.data(), bytes_.size()}; }
    bool empty() const noexcept { return bytes_.empty(); }

    friend bool operator==(const secret&, const secret&) = default;

private:
    detail::wiped_bytes bytes_;
};

namespace net {

/// A user and a password as the basic scheme of HTTP sends them: `Basic ` and base64.
CYCLOS_DECL secret basic_authorization(std::string_view username, std::string_view password);

} // namespace net
} // namespace cyclos::inline CYCLOS_ABI

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/net/impl/secret.ipp>
#endif

#endif // CYCLOS_NET_SECRET_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SECRET_HPP
#define CYCLOS_SECRET_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/text_argument.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

/// Overwrites memory in a way that no optimiser removes.
CYCLOS_DECL void wipe(void* data, std::size_t size) noexcept;

/// Wipes memory before it is freed, so that no copy of a secret remains when a container grows or
/// is destroyed.
template <class T>
class wiping_allocator
{
public:
    using value_type = T;

    wiping_allocator() = default;

    template <class U>
    wiping_allocator(
        const wiping_allocator<U>& /*other*/) noexcept // NOLINT(google-explicit-constructor)
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

/// A string whose heap memory is wiped. The small-string buffer is not, so it must not hold a
/// secret that may be short: use @ref wiped_bytes for those.
using wiped_string = std::basic_string<char, std::char_traits<char>, wiping_allocator<char>>;

/// Bytes that are wiped, however few there are: a vector has no buffer inside.
using wiped_bytes = std::vector<char, wiping_allocator<char>>;

} // namespace detail

/** A password or a token. Its memory is wiped when it is destroyed, grows or is assigned to.

    A secret is constructed from text, and read only with view(). It has no stream operator, so it
    does not end up in logs by accident. The text that it was copied from is not wiped.
*/
class secret
{
public:
    /// An empty secret.
    secret() = default;

    /** Copies the text.

        @throws cyclos::error with errc::invalid_config if the text is a null pointer, such as
        `std::getenv()` returns for a variable that is not set.
    */
    template <std::convertible_to<std::string_view> Text>
    secret(const Text& text) // NOLINT(google-explicit-constructor): config members take plain text
    {
        *this += detail::text_argument{text};
    }

    secret(const secret&) = default;
    secret(secret&&) noexcept = default;

    secret& operator=(const secret& other)
    {
        if (this != &other) {
            // The old memory must be freed, and so wiped, rather than be reused.
            bytes_ = detail::wiped_bytes{other.bytes_};
        }
        return *this;
    }

    secret& operator=(secret&&) noexcept = default;
    ~secret() = default;

    /// Appends text.
    secret& operator+=(std::string_view text)
    {
        bytes_.insert(bytes_.end(), text.begin(), text.end());
        return *this;
    }

    /// The secret in plain text. The view is valid until the object changes or is destroyed.
    std::string_view view() const noexcept { return {bytes_.data(), bytes_.size()}; }

    /// Whether the secret has no characters.
    bool empty() const noexcept { return bytes_.empty(); }

    friend bool operator==(const secret&, const secret&) = default;

private:
    detail::wiped_bytes bytes_;
};

} // namespace CYCLOS_ABI
} // namespace cyclos

#if defined(CYCLOS_HEADER_ONLY)
#include <cyclos/detail/impl/secret.ipp>
#endif

#endif // CYCLOS_SECRET_HPP

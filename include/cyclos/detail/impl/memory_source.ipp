//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_IMPL_MEMORY_SOURCE_IPP
#define CYCLOS_DETAIL_IMPL_MEMORY_SOURCE_IPP

#include <cyclos/memory_source.hpp>

#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {

CYCLOS_DECL memory_source::memory_source(std::string bytes, std::string file_name,
                                         std::string media_type)
    : owned_(std::move(bytes))
    , owns_(true)
    , file_name_(std::move(file_name))
    , media_type_(std::move(media_type))
{}

CYCLOS_DECL memory_source::memory_source(std::span<const std::byte> bytes, std::string file_name,
                                         std::string media_type)
    : borrowed_(bytes)
    , owns_(false)
    , file_name_(std::move(file_name))
    , media_type_(std::move(media_type))
{}

CYCLOS_DECL std::string_view memory_source::all() const noexcept
{
    return owns_ ? std::string_view{owned_}
                 : std::string_view{reinterpret_cast<const char*>(borrowed_.data()),
                                    borrowed_.size()};
}

CYCLOS_DECL boost::asio::awaitable<std::optional<std::uint64_t>> memory_source::check()
{
    co_return all().size();
}

CYCLOS_DECL boost::asio::awaitable<void> memory_source::open()
{
    co_return;
}
CYCLOS_DECL std::optional<std::uint64_t> memory_source::length() const
{
    return all().size();
}
CYCLOS_DECL std::string memory_source::file_name() const
{
    return file_name_;
}
CYCLOS_DECL std::string memory_source::media_type() const
{
    return media_type_;
}

CYCLOS_DECL boost::asio::awaitable<std::size_t>
memory_source::read_some(boost::asio::mutable_buffer target)
{
    const std::string_view rest = all().substr(position_);
    const std::size_t bytes = boost::asio::buffer_copy(target, boost::asio::buffer(rest));
    position_ += bytes;
    co_return bytes;
}

CYCLOS_DECL boost::asio::awaitable<void> memory_source::rewind()
{
    position_ = 0;
    co_return;
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_IMPL_MEMORY_SOURCE_IPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_IMPL_SOURCE_IPP
#define CYCLOS_HTTP_IMPL_SOURCE_IPP

#include <cyclos/http/source.hpp>

#include <cyclos/detail/file_reader.hpp>
#include <cyclos/net/error.hpp>

#include <algorithm>
#include <cstring>

namespace cyclos {

struct file_source::state
{
    detail::file_reader file;
    std::uint64_t length = 0;
};

namespace detail {

[[noreturn]] inline void source_failed(const std::filesystem::path& path, const error_code& why)
{
    error_context where;
    where.detail = path.string() + ": " + why.message();
    throw error(errc::source_failed, std::move(where));
}

} // namespace detail

CYCLOS_DECL file_source::file_source(std::filesystem::path path, std::string file_name, std::string media_type)
    : path_(std::move(path))
    , file_name_(std::move(file_name))
    , media_type_(std::move(media_type))
    , state_(std::make_unique<state>())
{
    if (file_name_.empty()) {
        file_name_ = path_.filename().string();
    }
}

CYCLOS_DECL file_source::file_source(file_source&&) noexcept = default;
CYCLOS_DECL file_source::~file_source() = default;

CYCLOS_DECL boost::asio::awaitable<void> file_source::open()
{
    std::error_code ignored;
    if (std::filesystem::is_directory(path_, ignored)) {
        detail::source_failed(path_, make_error_code(boost::system::errc::is_a_directory));
    }
    error_code ec;
    state_->length = co_await state_->file.open(path_, ec);
    if (ec) {
        detail::source_failed(path_, ec);
    }
}

CYCLOS_DECL std::optional<std::uint64_t> file_source::length() const
{
    return state_->length;
}
CYCLOS_DECL std::string file_source::file_name() const
{
    return file_name_;
}
CYCLOS_DECL std::string file_source::media_type() const
{
    return media_type_;
}

CYCLOS_DECL boost::asio::awaitable<std::size_t> file_source::read_some(boost::asio::mutable_buffer target)
{
    error_code ec;
    const std::size_t bytes = co_await state_->file.read_some(target, ec);
    if (ec) {
        detail::source_failed(path_, ec);
    }
    co_return bytes;
}

CYCLOS_DECL memory_source::memory_source(std::string bytes, std::string file_name, std::string media_type)
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
                 : std::string_view{reinterpret_cast<const char*>(borrowed_.data()), borrowed_.size()};
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

CYCLOS_DECL boost::asio::awaitable<std::size_t> memory_source::read_some(boost::asio::mutable_buffer target)
{
    const std::string_view rest = all().substr(position_);
    const std::size_t bytes = boost::asio::buffer_copy(target, boost::asio::buffer(rest));
    position_ += bytes;
    co_return bytes;
}

namespace http {

CYCLOS_DECL std::string_view sniff_media_type(std::string_view first_bytes) noexcept
{
    using namespace std::string_view_literals;
    if (first_bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) {
        return "image/png";
    }
    if (first_bytes.starts_with("\xff\xd8\xff"sv)) {
        return "image/jpeg";
    }
    if (first_bytes.starts_with("GIF87a"sv) || first_bytes.starts_with("GIF89a"sv)) {
        return "image/gif";
    }
    return "application/octet-stream";
}

} // namespace http
} // namespace cyclos

#endif // CYCLOS_HTTP_IMPL_SOURCE_IPP

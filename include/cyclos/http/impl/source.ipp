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

namespace cyclos::inline CYCLOS_ABI {

struct file_source::state
{
    detail::file_reader file;
    std::uint64_t length = 0; // of the part that is read
    std::uint64_t read = 0;
};

namespace detail {

[[noreturn]] inline void source_failed(const std::filesystem::path& path, const error_code& why)
{
    error_context where;
    where.detail = path_text(path) + ": " + why.message();
    if (why == boost::system::errc::value_too_large) {
        where.detail += "; files of 2 GiB and more need -D_FILE_OFFSET_BITS=64 in a program of 32 bits";
    }
    throw error(errc::source_failed, std::move(where));
}

} // namespace detail

CYCLOS_DECL file_source::file_source(std::filesystem::path path, std::string file_name, std::string media_type,
                                     file_range range)
    : path_(std::move(path))
    , range_(range)
    , file_name_(std::move(file_name))
    , media_type_(std::move(media_type))
    , state_(std::make_unique<state>())
{
    if (file_name_.empty()) {
        file_name_ = detail::path_text(path_.filename());
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
    const std::uint64_t size = co_await state_->file.open(path_, ec);
    if (!ec && (range_.offset > size || range_.length.value_or(0) > size - range_.offset)) {
        ec = make_error_code(boost::system::errc::result_out_of_range); // the part is not inside
    }
    if (!ec && range_.offset > 0) {
        co_await state_->file.seek(range_.offset, ec);
    }
    if (ec) {
        detail::source_failed(path_, ec);
    }
    state_->length = range_.length.value_or(size - range_.offset);
}

CYCLOS_DECL boost::asio::awaitable<void> file_source::rewind()
{
    error_code ec;
    co_await state_->file.seek(range_.offset, ec);
    if (ec) {
        detail::source_failed(path_, ec);
    }
    state_->read = 0;
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
    if (range_.length) {
        // Beyond the part there may be more of the file, which is none of its growing.
        target = boost::asio::buffer(
            target, static_cast<std::size_t>(std::min<std::uint64_t>(target.size(), state_->length - state_->read)));
    }
    error_code ec;
    std::size_t bytes = 0;
    if (target.size() > 0) {
        bytes = co_await state_->file.read_some(target, ec);
    }
    if (ec) {
        detail::source_failed(path_, ec);
    }
    state_->read += bytes;
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

CYCLOS_DECL boost::asio::awaitable<void> memory_source::rewind()
{
    position_ = 0;
    co_return;
}

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_HTTP_IMPL_SOURCE_IPP

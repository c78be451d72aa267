//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TOOL_SOURCES_HPP
#define CYCLOS_TOOL_SOURCES_HPP

#include "platform.hpp"

#include <cyclos/body_source.hpp>

#include <string>

namespace tool {

/// Standard input as a source of unknown length.
class standard_input_source final : public cyclos::body_source
{
public:
    explicit standard_input_source(std::string file_name)
        : file_name_(std::move(file_name))
    {}

    boost::asio::awaitable<void> open() override;
    std::optional<std::uint64_t> length() const override { return std::nullopt; }
    std::string file_name() const override { return file_name_; }
    std::string media_type() const override { return {}; }
    boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target) override;

private:
    std::string file_name_;
    native_stream stream_;
};

} // namespace tool

#endif // CYCLOS_TOOL_SOURCES_HPP

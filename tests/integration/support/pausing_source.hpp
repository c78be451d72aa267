//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_PAUSING_SOURCE_HPP
#define CYCLOS_TESTS_PAUSING_SOURCE_HPP

#include <cyclos/body_source.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

namespace cyclos::test {

/// A source that returns 2,000 bytes of a million, and waits until it is cancelled after that.
class pausing_source final : public body_source
{
public:
    boost::asio::awaitable<void> open() override { co_return; }
    std::optional<std::uint64_t> length() const override { return 1'000'000; }
    std::string file_name() const override { return "pausing.png"; }
    std::string media_type() const override { return "image/png"; }
    bool rewindable() const override { return true; }
    boost::asio::awaitable<void> rewind() override { co_return; }

    /// The number of bytes returned so far: it is destroyed with the source.
    std::weak_ptr<const std::size_t> given() const { return given_; }

    boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer target) override
    {
        constexpr std::size_t first = 2000;
        if (*given_ == 0) {
            *given_ = first;
            std::memset(target.data(), 'x', first);
            co_return first;
        }
        const reading read{*given_};
        boost::asio::steady_timer timer{co_await boost::asio::this_coro::executor,
                                        std::chrono::hours{1}};
        co_await timer.async_wait(boost::asio::use_awaitable);
        co_return 0;
    }

private:
    /// Uses the source at the end of a read in every case.
    class reading
    {
    public:
        explicit reading(std::size_t& given)
            : given_(given)
        {}

        reading(const reading&) = delete;
        reading& operator=(const reading&) = delete;
        ~reading() { ++given_; }

    private:
        std::size_t& given_;
    };

    std::shared_ptr<std::size_t> given_ = std::make_shared<std::size_t>(0);
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_PAUSING_SOURCE_HPP

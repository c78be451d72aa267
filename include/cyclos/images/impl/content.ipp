//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGES_IMPL_CONTENT_IPP
#define CYCLOS_IMAGES_IMPL_CONTENT_IPP

#include <cyclos/images/content.hpp>

#include <cyclos/detail/file_work.hpp>
#include <cyclos/detail/new_file.hpp>
#include <cyclos/detail/on_strand.hpp>

#include <boost/asio/strand.hpp>

namespace cyclos {

CYCLOS_DECL boost::asio::awaitable<std::size_t> image_content::read_some(boost::asio::mutable_buffer target)
{
    if (response_.done()) {
        co_return std::size_t{0};
    }
    co_return co_await detail::on_strand(executor_, response_.read_some(target));
}

CYCLOS_DECL boost::asio::awaitable<std::string> image_content::read_all(std::uint64_t limit)
{
    if (response_.done()) {
        co_return std::string{};
    }
    co_return co_await detail::on_strand(executor_, response_.read_all(limit));
}

CYCLOS_DECL boost::asio::awaitable<std::uint64_t> image_content::save_to(std::filesystem::path target,
                                                                         save_options options)
{
    boost::asio::any_io_executor where = executor_;
    if (!where) {
        // Content with nothing in it belongs to no client.
        where = boost::asio::make_strand(co_await boost::asio::this_coro::executor);
    }
    co_return co_await detail::on_strand(where, save(std::move(target), options));
}

CYCLOS_DECL void image_content::fail_target(const std::filesystem::path& target, const error_code& why) const
{
    error_context where = response_.state().context(target.string() + ": " + why.message());
    throw error(why == boost::system::errc::file_exists ? errc::target_exists : errc::target_failed, std::move(where));
}

CYCLOS_DECL boost::asio::awaitable<std::uint64_t> image_content::save(std::filesystem::path target,
                                                                      save_options options)
{
    const auto file = std::make_shared<detail::new_file>(std::move(target));
    error_code ec;
    std::function<void()> work = [&] { file->open(options.overwrite, ec); };
    co_await detail::run_blocking(work);
    if (ec) {
        fail_target(file->target(), ec);
    }

    const auto block = std::make_unique_for_overwrite<char[]>(block_size);
    std::uint64_t total = 0;
    while (!response_.done()) {
        std::size_t size = 0;
        while (size < block_size && !response_.done()) {
            size += co_await response_.read_some(boost::asio::buffer(block.get() + size, block_size - size));
        }
        work = [&] { file->write({block.get(), size}, ec); };
        co_await detail::run_blocking(work);
        if (ec) {
            fail_target(file->target(), ec);
        }
        total += size;
    }
    work = [&] { file->commit(options.overwrite, ec); };
    co_await detail::run_blocking(work);
    if (ec) {
        fail_target(file->target(), ec);
    }
    co_return total;
}

} // namespace cyclos

#endif // CYCLOS_IMAGES_IMPL_CONTENT_IPP

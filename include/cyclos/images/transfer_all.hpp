//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGES_TRANSFER_ALL_HPP
#define CYCLOS_IMAGES_TRANSFER_ALL_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/on_strand.hpp>
#include <cyclos/detail/run_all.hpp>
#include <cyclos/images/models.hpp>
#include <cyclos/operation.hpp>
#include <cyclos/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace cyclos::inline CYCLOS_ABI {

namespace detail {

template <class Range, class Operation>
using transfer_of = std::invoke_result_t<Operation&, item_of<std::views::all_t<Range>>>;

template <class T, class Batch>
boost::asio::awaitable<std::vector<result<T>>> run_on_a_strand(std::shared_ptr<Batch> all, std::size_t at_once)
{
    const boost::asio::any_io_executor strand = boost::asio::make_strand(co_await boost::asio::this_coro::executor);
    co_return co_await on_strand(strand, all->run(at_once));
}

template <class Range, class Operation>
auto transfer_all(Range&& items, std::size_t at_once, Operation operation)
{
    using transferred = typename transfer_of<Range, Operation>::value_type;
    using whole_batch = batch<transferred, std::views::all_t<Range>, Operation>;
    auto all = std::make_shared<whole_batch>(std::views::all(std::forward<Range>(items)), std::move(operation));
    return run_on_a_strand<transferred>(std::move(all), std::max<std::size_t>(at_once, 1));
}

} // namespace detail

/** Uploads a range of things, so many at the same time.

    @param items What is to be uploaded: a range that ends. An lvalue has to stay until then, with its elements; a
           temporary is taken over. What the range makes only as it goes is kept for as long as its upload runs.
    @param at_once How many uploads run at the same time. They share the pool of their client.
    @param upload Is called with each item, in their order, and returns the upload: an awaitable of @ref uploaded_image.
           All of them run on one strand of the caller's executor.
    @return One result for each item, in the order of the items, whether it went well or not.
    @throws What is no error of the library, such as what `upload` itself throws: it ends the others first.

    Cancellation, of any type, cancels what runs and begins nothing more. The results tell which were done: the others
    have failed with errc::cancelled. If this is passed to `asio::co_spawn` itself, all types are taken, as @ref
    operation says.

    @code
    std::vector<std::filesystem::path> photos = ...;
    auto stored = co_await cyclos::upload_all(photos, 4, [&](const auto& photo) {
        return images.upload_ad_image("42", cyclos::file_source(photo));
    });
    @endcode
*/
template <std::ranges::input_range Range, class Upload>
    requires std::convertible_to<detail::transfer_of<Range, Upload>, boost::asio::awaitable<uploaded_image>>
operation<std::vector<result<uploaded_image>>> upload_all(Range&& items, std::size_t at_once, Upload upload)
{
    return detail::transfer_all(std::forward<Range>(items), at_once, std::move(upload));
}

/** Downloads a range of things, so many at the same time: as upload_all(), but `download` may be an awaitable of
    anything.

    @code
    auto saved = co_await cyclos::download_all(ids, 8, [&](const std::string& id) -> asio::awaitable<std::uint64_t> {
        auto content = co_await images.get_image_content(id, {.width = 64});
        co_return co_await content.save_to(folder / cyclos::safe_file_name(id + ".png"));
    });
    @endcode
*/
template <std::ranges::input_range Range, class Download>
operation<std::vector<result<typename detail::transfer_of<Range, Download>::value_type>>>
download_all(Range&& items, std::size_t at_once, Download download)
{
    return detail::transfer_all(std::forward<Range>(items), at_once, std::move(download));
}

} // namespace cyclos::inline CYCLOS_ABI

#endif // CYCLOS_IMAGES_TRANSFER_ALL_HPP

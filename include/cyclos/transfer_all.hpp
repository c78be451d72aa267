//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TRANSFER_ALL_HPP
#define CYCLOS_TRANSFER_ALL_HPP

#include <cyclos/detail/api/run_all.hpp>
#include <cyclos/detail/base/on_strand.hpp>
#include <cyclos/detail/config.hpp>
#include <cyclos/models.hpp>
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

namespace cyclos {
inline namespace CYCLOS_ABI {

namespace detail {

/// The awaitable that an operation returns for an element of a range.
template <class Range, class Operation>
using transfer_of = std::invoke_result_t<Operation&, item_of<std::views::all_t<Range>>>;

template <class T, class Batch>
boost::asio::awaitable<std::vector<result<T>>> run_on_a_strand(std::shared_ptr<Batch> transfers,
                                                               std::size_t concurrency)
{
    const boost::asio::any_io_executor strand =
        boost::asio::make_strand(co_await boost::asio::this_coro::executor);
    co_return co_await on_strand(strand, transfers->run(concurrency));
}

template <class Range, class Operation>
auto transfer_all(Range&& items, std::size_t concurrency, Operation operation)
{
    using value_type = typename transfer_of<Range, Operation>::value_type;
    using batch_type = batch<value_type, std::views::all_t<Range>, Operation>;
    auto transfers = std::make_shared<batch_type>(std::views::all(std::forward<Range>(items)),
                                                  std::move(operation));
    return run_on_a_strand<value_type>(std::move(transfers), std::max<std::size_t>(concurrency, 1));
}

} // namespace detail

/** Uploads a range of items with bounded concurrency.

    @param items The items to upload: a finite range. An lvalue must outlive the operation, with its
           elements; a temporary is moved into the operation. Elements that the range produces on
           the fly are kept for as long as their uploads run.
    @param concurrency How many uploads may run at the same time; 0 counts as 1. They share the
           connection pool of their client.
    @param upload A function object that is called with each item, in order, and returns the upload:
           an awaitable of @ref uploaded_image.
    @return One result per item, in the order of the items. A failed upload does not end the others.

    @code
    std::vector<std::filesystem::path> photos = ...;
    auto stored = co_await cyclos::upload_all(photos, 4, [&](const auto& photo) {
        return images.upload_ad_image("42", cyclos::file_source(photo));
    });
    @endcode

    @par Exceptions
    A @ref cyclos::error becomes the result of its item. Any other exception, such as one of the
    range or of `upload` itself, cancels the running uploads and is rethrown when they have ended.

    @par Cancellation
    All types of cancellation cancel the running uploads and start no others. The operation then
    returns normally: uploads that did not complete have a result with errc::cancelled. To receive
    all types, pass the operation itself to `asio::co_spawn`: see @ref operation.

    @par Thread safety
    All calls of `upload`, and the uploads that it returns, run on one strand of the caller's
    executor.
*/
template <std::ranges::input_range Range, class Upload>
    requires std::convertible_to<detail::transfer_of<Range, Upload>,
                                 boost::asio::awaitable<uploaded_image>>
operation<std::vector<result<uploaded_image>>> upload_all(Range&& items, std::size_t concurrency,
                                                          Upload upload)
{
    return detail::transfer_all(std::forward<Range>(items), concurrency, std::move(upload));
}

/** Downloads a range of items with bounded concurrency.

    It works like upload_all(), except that `download` may return an awaitable of any type.

    @param items The items to download; see upload_all().
    @param concurrency How many downloads may run at the same time; 0 counts as 1.
    @param download A function object that is called with each item, in order, and returns the
           download: an awaitable.
    @return One result per item, in the order of the items. A failed download does not end the
    others.

    @code
    auto saved = co_await cyclos::download_all(
        ids, 8, [&](const std::string& id) -> asio::awaitable<std::uint64_t> {
            auto content = co_await images.get_image_content(id, {.width = 64});
            co_return co_await content.save_to(folder / cyclos::safe_file_name(id + ".png"));
        });
    @endcode

    @par Exceptions
    As upload_all().

    @par Cancellation
    As upload_all().
*/
template <std::ranges::input_range Range, class Download>
operation<std::vector<result<typename detail::transfer_of<Range, Download>::value_type>>>
download_all(Range&& items, std::size_t concurrency, Download download)
{
    return detail::transfer_all(std::forward<Range>(items), concurrency, std::move(download));
}

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_TRANSFER_ALL_HPP

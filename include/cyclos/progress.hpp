//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_PROGRESS_HPP
#define CYCLOS_PROGRESS_HPP

#include <cyclos/detail/config.hpp>

#include <cstdint>
#include <functional>
#include <optional>

namespace cyclos {
inline namespace CYCLOS_ABI {

/// The progress of an upload or a download.
struct transfer_progress
{
    std::uint64_t bytes = 0;                 ///< Bytes of the image sent or received so far.
    std::optional<std::uint64_t> total = {}; ///< Total bytes of the image, if known.
};

/** Progress callback of a transfer: call_options::progress.

    It is called at most once per block of data; the last call reports all bytes. Bytes of an upload
    count as sent when the operating system has accepted them; if the upload is repeated, the count
    starts again from zero.

    It is called on the executor of the client, and should return quickly. All transfers of a handle
    call the same function object, and with config::shards several threads may do so at the same
    time: to tell transfers apart, give each one a handle of its own.

    @par Exceptions
    An exception ends the transfer and is rethrown from it unchanged. If the last call of an upload
    throws, the server may have stored the image.
*/
using progress_hook = std::function<void(const transfer_progress&)>;

} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_PROGRESS_HPP

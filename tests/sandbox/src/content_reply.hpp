//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_CONTENT_REPLY_HPP
#define CYCLOS_SANDBOX_SRC_CONTENT_REPLY_HPP

#include "reply.hpp"
#include "request.hpp"

#include <cyclos/sandbox/options.hpp>
#include <cyclos/sandbox/store.hpp>

namespace cyclos::sandbox {

/// The response with the content of an image. Handles conditional and range requests.
/// @param width,height the limits that the picture is scaled down to; 0: no limit.
reply content_reply(const image& picture, unsigned width, unsigned height, const request& req,
                    const options& opts);

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_CONTENT_REPLY_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_CONTENT_SESSION_HPP
#define CYCLOS_TESTS_CONTENT_SESSION_HPP

#include "integration/support/sandbox_session.hpp"

#include <cyclos/images.hpp>

#include <cstddef>

namespace cyclos::test {

/// A server with one image, `1`, of the given size.
class content_session : public sandbox_session
{
public:
    explicit content_session(std::size_t size, const sandbox::options& options = {},
                             const adjustment& adjust = {})
        : sandbox_session(options, adjust)
    {
        server.store().add_image({.id = "1", .content = sandbox::content::synthetic(size)});
    }

    image_content open(call_options terms = {})
    {
        return run(images.with(terms).get_image_content("1"));
    }
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_CONTENT_SESSION_HPP

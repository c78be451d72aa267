//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_IMAGES_HPP
#define CYCLOS_IMAGES_HPP

/** @file
    All of the library.

    @code
    #include <cyclos/images.hpp>
    @endcode
*/

#include <cyclos/client.hpp>
#include <cyclos/config.hpp>
#include <cyclos/credentials.hpp>
#include <cyclos/error.hpp>
#include <cyclos/http/body_source.hpp>
#include <cyclos/http/source.hpp>
#include <cyclos/http/stream_source.hpp>
#include <cyclos/images/api.hpp>
#include <cyclos/images/content.hpp>
#include <cyclos/images/enums.hpp>
#include <cyclos/images/models.hpp>
#include <cyclos/images/options.hpp>
#include <cyclos/images/transfer_all.hpp>
#include <cyclos/result.hpp>
#include <cyclos/safe_file_name.hpp>
#include <cyclos/version.hpp>

#endif // CYCLOS_IMAGES_HPP

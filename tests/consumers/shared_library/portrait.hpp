//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CONSUMER_PORTRAIT_HPP
#define CONSUMER_PORTRAIT_HPP

#include <string>

/// Stores a file as the portrait of a user and returns the id of the image. Throws the errors of
/// the client.
[[gnu::visibility("default")]] std::string store_portrait(const std::string& url,
                                                          const std::string& user,
                                                          const std::string& password,
                                                          const std::string& file);

#endif // CONSUMER_PORTRAIT_HPP

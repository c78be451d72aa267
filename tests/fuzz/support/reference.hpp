//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_FUZZ_REFERENCE_HPP
#define CYCLOS_FUZZ_REFERENCE_HPP

#include <cstddef>
#include <string>
#include <string_view>

namespace cyclos::fuzz {

/** The meaning of all bytes that a server has sent in response to one request, as read by Beast's
    reader of whole messages. The library uses Beast's parser for header sections too, but in
    pieces, and reads bodies itself.
*/
class reference
{
public:
    /// @param ended Whether the server has closed the connection after the bytes.
    reference(std::string_view bytes, bool ended);

    bool malformed = false;
    bool has_head = false;
    bool complete = false;
    bool keep_alive = false; ///< Whether the connection may carry another request.
    unsigned status = 0;
    std::string body;
    std::size_t used = 0; ///< The bytes of all of it, including interim responses.
};

/// A request as a server reads it. Later requests are ignored.
class received_request
{
public:
    explicit received_request(std::string_view bytes);

    bool complete = false;
    std::string content_type;
    std::string body;
    std::size_t used = 0;
};

} // namespace cyclos::fuzz

#endif // CYCLOS_FUZZ_REFERENCE_HPP

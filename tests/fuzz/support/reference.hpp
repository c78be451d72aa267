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

/** What all that a server has sent in answer to one request comes to, by Beast's own reader of
    whole messages.

    The library reads heads with the parser of Beast too, but in pieces, and bodies in ways of its
    own.
*/
class reference
{
public:
    /// @param ended Whether the server has closed the connection behind the bytes.
    reference(std::string_view bytes, bool ended);

    bool malformed = false;
    bool has_head = false;
    bool complete = false;
    bool keep_alive = false; ///< Whether the connection may carry another request.
    unsigned status = 0;
    std::string body;
    std::size_t used = 0; ///< The bytes of all of it, interim responses included.
};

/// What a server makes of a request. Requests behind it are none of its concern.
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

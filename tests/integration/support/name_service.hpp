//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_TESTS_NAME_SERVICE_HPP
#define CYCLOS_TESTS_NAME_SERVICE_HPP

#include <string>
#include <vector>

namespace cyclos::test {

/** A name that this program resolves itself instead of the system while the object exists. The
    program replaces `getaddrinfo`, which asks the system for all other names. hold() blocks each
    thread that looks up the name, like an unreachable name server.
*/
class name_service
{
public:
    /// @param addresses Literals, in the order of the result; without any, the name is unknown.
    name_service(std::string name, std::vector<std::string> addresses);
    name_service(const name_service&) = delete;
    name_service& operator=(const name_service&) = delete;

    /// Unblocks all waiting threads.
    ~name_service();

    /// Blocks look-ups from now on.
    void hold();

    /// Unblocks all waiting threads, and later ones.
    void release();

    /// The number of waiting look-ups.
    std::size_t waiting() const;

    /// The number of look-ups so far.
    std::size_t asked() const;

private:
    std::string name_;
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_NAME_SERVICE_HPP

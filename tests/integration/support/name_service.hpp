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

/** A name that this program resolves itself, in place of the system, while the object is there.

    The program has a `getaddrinfo` of its own, which asks the system for all other names. A test
    that holds its name back lets every thread that asks for it wait, as a name server does that is
    not reached.
*/
class name_service
{
public:
    /// @param addresses Literals, in the order in which they are told; a name without any is not
    /// found.
    name_service(std::string name, std::vector<std::string> addresses);
    name_service(const name_service&) = delete;
    name_service& operator=(const name_service&) = delete;

    /// Lets all go on that wait.
    ~name_service();

    /// From now on whoever asks has to wait.
    void hold();

    /// Lets all go on that wait, and nobody wait any more.
    void release();

    /// How many wait.
    std::size_t waiting() const;

    /// How often it was asked for.
    std::size_t asked() const;

private:
    std::string name_;
};

} // namespace cyclos::test

#endif // CYCLOS_TESTS_NAME_SERVICE_HPP

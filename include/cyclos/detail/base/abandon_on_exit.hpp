//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_BASE_ABANDON_ON_EXIT_HPP
#define CYCLOS_DETAIL_BASE_ABANDON_ON_EXIT_HPP

#include <cyclos/detail/base/notifier.hpp>
#include <cyclos/detail/config.hpp>

#include <memory>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

/** Connects an object that may outlive a coroutine with the @ref notifier of that coroutine, for
    the lifetime of this guard.

    The constructor sets `object->owner`. The destructor calls `object->abandon()`, which must reset
    it.
*/
template <class T>
class abandon_on_exit
{
public:
    explicit abandon_on_exit(std::shared_ptr<T> object, notifier& owner)
        : object_(std::move(object))
    {
        object_->owner = &owner;
    }

    abandon_on_exit(const abandon_on_exit&) = delete;
    abandon_on_exit& operator=(const abandon_on_exit&) = delete;
    ~abandon_on_exit() { object_->abandon(); }

private:
    std::shared_ptr<T> object_;
};

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_BASE_ABANDON_ON_EXIT_HPP

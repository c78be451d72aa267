//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_ABANDON_ON_EXIT_HPP
#define CYCLOS_DETAIL_ABANDON_ON_EXIT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/event.hpp>

#include <memory>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::detail {

/// Takes the owner away from something that may outlive it.
template <class T>
class abandon_on_exit
{
public:
    explicit abandon_on_exit(std::shared_ptr<T> what, event& owner)
        : what_(std::move(what))
    {
        what_->owner = &owner;
    }

    abandon_on_exit(const abandon_on_exit&) = delete;
    abandon_on_exit& operator=(const abandon_on_exit&) = delete;
    ~abandon_on_exit() { what_->abandon(); }

private:
    std::shared_ptr<T> what_;
};

} // namespace cyclos::inline CYCLOS_ABI::detail

#endif // CYCLOS_DETAIL_ABANDON_ON_EXIT_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_SCRIPTS_HPP
#define CYCLOS_SANDBOX_SRC_SCRIPTS_HPP

#include <cyclos/sandbox/misbehaviour.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace cyclos::sandbox {

/// The scripts for requests or for connections, with the number of matches of each. Thread-safe.
template <class Script>
class scripts
{
public:
    void add(Script script)
    {
        const std::lock_guard lock(mutex_);
        entries_.push_back({std::make_shared<const Script>(std::move(script))});
        has_entries_ = true;
    }

    void clear()
    {
        const std::lock_guard lock(mutex_);
        entries_.clear();
        has_entries_ = false;
    }

    /// Counts a match of the scripts for which @p matches returns true, up to the first that
    /// applies.
    /// @return The script that applies, or null.
    template <class Matches>
    std::shared_ptr<const Script> take_next(Matches matches)
    {
        if (!has_entries_)
            return nullptr;
        const std::lock_guard lock(mutex_);
        for (auto& each : entries_) {
            const auto& script = *each.script;
            if (!matches(script) || (script.times != unlimited &&
                                     each.matched >= std::uint64_t{script.skip} + script.times))
                continue;
            if (each.matched++ >= script.skip)
                return each.script;
        }
        return nullptr;
    }

private:
    struct entry
    {
        std::shared_ptr<const Script> script = {};
        std::uint64_t matched = 0;
    };

    std::atomic<bool> has_entries_{false}; ///< Avoids the lock while there are no scripts.
    std::mutex mutex_;
    std::vector<entry> entries_;
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_SCRIPTS_HPP

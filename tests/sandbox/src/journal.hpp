//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_JOURNAL_HPP
#define CYCLOS_SANDBOX_SRC_JOURNAL_HPP

#include <cyclos/sandbox/statistics.hpp>

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

namespace cyclos::sandbox {

/// Counters, and records of requests. Thread-safe.
class journal
{
public:
    explicit journal(std::size_t kept_requests)
        : capacity_(kept_requests)
    {}

    using counter = std::atomic<std::uint64_t>;

    counter accepted{0};
    counter open{0};
    counter handshakes_full{0};
    counter handshakes_resumed{0};
    counter handshakes_failed{0};
    counter requests{0};
    counter bytes_received{0};
    counter bytes_sent{0};

    /// Adds a record. @return Its id, for @ref update.
    std::uint64_t add(request_record record);
    /// Changes a record, unless it has been removed since.
    void update(std::uint64_t id, const std::function<void(request_record&)>& change);

    std::vector<request_record> records() const;
    statistics counts() const;
    void reset();

private:
    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::deque<request_record> records_;
    std::uint64_t first_id_ = 1; ///< The id of the oldest record.
};

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_JOURNAL_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "journal.hpp"

#include "text.hpp"

#include <utility>

namespace cyclos::sandbox {

namespace {

// Calls @p callback with the value of each header field of that name.
template <class Callback>
void for_each_header(std::string_view head, std::string_view name, Callback callback)
{
    take_until(head, '\n');
    while (!head.empty()) {
        auto line = take_until(head, '\n');
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        const auto field = take_until(line, ':');
        if (iequals(field, name))
            callback(trim(line));
    }
}

} // namespace

std::string_view request_record::method() const noexcept
{
    std::string_view rest = head;
    return take_until(rest, ' ');
}

std::string_view request_record::target() const noexcept
{
    std::string_view rest = head;
    take_until(rest, ' ');
    return take_until(rest, ' ');
}

std::optional<std::string_view> request_record::header(std::string_view name) const noexcept
{
    std::optional<std::string_view> found;
    for_each_header(head, name,
                    [&found](std::string_view value) { found = found.value_or(value); });
    return found;
}

std::size_t request_record::header_count(std::string_view name) const noexcept
{
    std::size_t count = 0;
    for_each_header(head, name, [&count](std::string_view) { ++count; });
    return count;
}

std::uint64_t journal::add(request_record record)
{
    ++requests;
    if (capacity_ == 0)
        return 0;
    const std::lock_guard lock(mutex_);
    if (records_.size() == capacity_) {
        records_.pop_front();
        ++first_id_;
    }
    records_.push_back(std::move(record));
    return first_id_ + records_.size() - 1;
}

void journal::update(std::uint64_t id, const std::function<void(request_record&)>& change)
{
    if (capacity_ == 0)
        return;
    const std::lock_guard lock(mutex_);
    if (id >= first_id_ && id - first_id_ < records_.size())
        change(records_[static_cast<std::size_t>(id - first_id_)]);
}

std::vector<request_record> journal::records() const
{
    const std::lock_guard lock(mutex_);
    return {records_.begin(), records_.end()};
}

statistics journal::counts() const
{
    return {.accepted = accepted,
            .open = open,
            .handshakes_full = handshakes_full,
            .handshakes_resumed = handshakes_resumed,
            .handshakes_failed = handshakes_failed,
            .requests = requests,
            .bytes_received = bytes_received,
            .bytes_sent = bytes_sent};
}

void journal::reset()
{
    for (auto* value : {&accepted, &handshakes_full, &handshakes_resumed, &handshakes_failed,
                        &requests, &bytes_received, &bytes_sent})
        *value = 0;
    const std::lock_guard lock(mutex_);
    first_id_ += records_.size();
    records_.clear();
}

} // namespace cyclos::sandbox

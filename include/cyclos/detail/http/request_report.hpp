//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_HTTP_REQUEST_REPORT_HPP
#define CYCLOS_DETAIL_HTTP_REQUEST_REPORT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/detail/net/connection.hpp>
#include <cyclos/events.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace http {

/** Reports the events of one request to the client's event hook.

    Without a hook every function only tests a null pointer: nothing is measured or allocated.

    A copy shares the record of the original, but finish() detaches only the object on which it is
    called. When a copy is made, one of the two must therefore be discarded or reset, or the request
    would be reported twice. All functions run on the strand of the pool.
*/
class request_report
{
public:
    using clock = std::chrono::steady_clock;

    request_report() = default;

    /// Starts the clock for a request. The hook must outlive the report.
    /// @param operation A string literal.
    request_report(const event_hook& hook, std::string_view operation, std::string_view tag)
    {
        if (hook) {
            record_ = std::make_shared<record>(hook, tag);
            record_->result.operation = operation;
        }
    }

    /// Counts an attempt and reports connection_acquired.
    void connection_acquired(const std::shared_ptr<net::connection>& c)
    {
        if (record_) {
            record_->connection_acquired(c);
        }
    }

    /// Reports that the last attempt failed for this reason and that another one follows.
    void retried(error_code reason)
    {
        if (record_) {
            record_->retried(reason);
        }
    }

    /// Records the status and the time at which the header section of the response was complete.
    void response_started(unsigned status)
    {
        if (record_) {
            record_->result.status = status;
            record_->result.time_to_header = clock::now() - record_->started;
        }
    }

    /// Reports request_finished. Later calls do nothing.
    void finish(error_code reason)
    {
        if (const auto finished = std::exchange(record_, nullptr)) {
            finished->finish(reason);
        }
    }

private:
    struct record
    {
        record(const event_hook& callback, std::string_view call_tag)
            : hook(callback)
            , tag(call_tag)
        {
            result.tag = tag;
        }

        record(const record&) = delete; // result refers to tag
        record& operator=(const record&) = delete;
        ~record() = default;

        void connection_acquired(std::shared_ptr<const net::connection> c)
        {
            ++result.attempts;
            hook(events::connection_acquired{.operation = result.operation,
                                             .tag = tag,
                                             .connection = c->id(),
                                             .reused = c->used_before(),
                                             .elapsed = clock::now() - started});
            sent_before = c->bytes_sent();
            received_before = c->bytes_received();
            connection = std::move(c);
        }

        void retried(error_code reason)
        {
            add_transferred();
            hook(events::retried{.operation = result.operation,
                                 .tag = tag,
                                 .connection = connection ? connection->id() : 0,
                                 .code = reason});
            connection.reset();
        }

        void finish(error_code reason)
        {
            add_transferred();
            connection.reset();
            result.code = reason;
            result.total = clock::now() - started;
            hook(result);
        }

        /// Adds the bytes that this request has moved over its connection, whose counters include
        /// earlier requests.
        void add_transferred()
        {
            if (connection) {
                result.sent += connection->bytes_sent() - sent_before;
                result.received += connection->bytes_received() - received_before;
            }
        }

        const event_hook& hook;
        const std::string tag;
        clock::time_point started = clock::now();
        events::request_finished result;
        std::shared_ptr<const net::connection> connection;
        std::uint64_t sent_before = 0;
        std::uint64_t received_before = 0;
    };

    std::shared_ptr<record> record_;
};

} // namespace http
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_HTTP_REQUEST_REPORT_HPP

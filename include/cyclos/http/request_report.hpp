//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_REQUEST_REPORT_HPP
#define CYCLOS_HTTP_REQUEST_REPORT_HPP

#include <cyclos/detail/config.hpp>
#include <cyclos/net/connection.hpp>
#include <cyclos/net/events.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

namespace cyclos::inline CYCLOS_ABI::http {

/// Tells the hook how a request went, where there is one; costs a look at a pointer where there is none.
class request_report
{
public:
    using clock = std::chrono::steady_clock;

    request_report() = default;

    request_report(const event_hook& hook, std::string_view operation)
    {
        if (hook) {
            record_ = std::make_shared<record>(hook);
            record_->done.operation = operation;
        }
    }

    /// The request has a connection.
    void acquired(const std::shared_ptr<net::connection>& c)
    {
        if (record_) {
            record_->acquired(c);
        }
    }

    /// Another attempt follows.
    void retried(error_code why)
    {
        if (record_) {
            record_->retried(why);
        }
    }

    /// The head of the response is there.
    void head(unsigned status)
    {
        if (record_) {
            record_->done.status = status;
            record_->done.first_byte = clock::now() - record_->begin;
        }
    }

    /// The request has come to its end.
    void end(error_code why)
    {
        if (const auto last = std::exchange(record_, nullptr)) { // once
            last->end(why);
        }
    }

private:
    struct record
    {
        explicit record(const event_hook& whom)
            : hook(whom)
        {}

        void acquired(std::shared_ptr<const net::connection> c)
        {
            ++done.attempts;
            hook(events::acquired{.operation = done.operation,
                                  .connection = c->id(),
                                  .reused = c->seasoned(),
                                  .waited = clock::now() - begin});
            sent_before = c->bytes_sent();
            received_before = c->bytes_received();
            connection = std::move(c);
        }

        void retried(error_code why)
        {
            count();
            hook(events::retried{
                .operation = done.operation, .connection = connection ? connection->id() : 0, .code = why});
            connection.reset();
        }

        void end(error_code why)
        {
            count();
            connection.reset();
            done.code = why;
            done.total = clock::now() - begin;
            hook(done);
        }

        void count()
        {
            if (connection) {
                done.sent += connection->bytes_sent() - sent_before;
                done.received += connection->bytes_received() - received_before;
            }
        }

        const event_hook& hook;
        clock::time_point begin = clock::now();
        events::request_done done;
        std::shared_ptr<const net::connection> connection;
        std::uint64_t sent_before = 0;
        std::uint64_t received_before = 0;
    };

    std::shared_ptr<record> record_;
};

} // namespace cyclos::inline CYCLOS_ABI::http

#endif // CYCLOS_HTTP_REQUEST_REPORT_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_HTTP_REQUEST_REPORT_HPP
#define CYCLOS_HTTP_REQUEST_REPORT_HPP

#include <cyclos/net/connection.hpp>
#include <cyclos/net/events.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

namespace cyclos::http {

/// Tells the hook how a request went, where there is one; costs a look at a pointer where there is none.
class request_report
{
public:
    using clock = std::chrono::steady_clock;

    request_report() = default;

    request_report(const event_hook& hook, std::string_view operation)
        : hook_(hook ? &hook : nullptr)
    {
        if (hook_ != nullptr) {
            done_.operation = operation;
            begin_ = clock::now();
        }
    }

    /// The request has a connection.
    void acquired(std::shared_ptr<const net::connection> c)
    {
        if (hook_ != nullptr) {
            ++done_.attempts;
            (*hook_)(events::acquired{.operation = done_.operation,
                                      .connection = c->id(),
                                      .reused = c->seasoned(),
                                      .waited = clock::now() - begin_});
            sent_before_ = c->bytes_sent();
            received_before_ = c->bytes_received();
            connection_ = std::move(c);
        }
    }

    /// Another attempt follows.
    void retried(error_code why)
    {
        if (hook_ != nullptr) {
            count();
            (*hook_)(events::retried{
                .operation = done_.operation, .connection = connection_ ? connection_->id() : 0, .code = why});
            connection_.reset();
        }
    }

    /// The head of the response is there.
    void head(unsigned status)
    {
        if (hook_ != nullptr) {
            done_.status = status;
            done_.first_byte = clock::now() - begin_;
        }
    }

    /// The request has come to its end.
    void end(error_code why)
    {
        if (hook_ != nullptr) {
            count();
            connection_.reset();
            done_.code = why;
            done_.total = clock::now() - begin_;
            (*hook_)(done_);
            hook_ = nullptr; // once
        }
    }

private:
    void count()
    {
        if (connection_) {
            done_.sent += connection_->bytes_sent() - sent_before_;
            done_.received += connection_->bytes_received() - received_before_;
        }
    }

    const event_hook* hook_ = nullptr;
    clock::time_point begin_;
    events::request_done done_;
    std::shared_ptr<const net::connection> connection_;
    std::uint64_t sent_before_ = 0;
    std::uint64_t received_before_ = 0;
};

} // namespace cyclos::http

#endif // CYCLOS_HTTP_REQUEST_REPORT_HPP

//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#include "failure.hpp"

#include "advice.hpp"
#include "console.hpp"
#include "terminal.hpp"
#include "text.hpp"

#include <cyclos/api_error.hpp>

#include <boost/asio/error.hpp>

#include <utility>

namespace tool {
namespace {

failure make_stop_failure(stop_reason reason)
{
    failure result;
    const bool signal = reason == stop_reason::signal;
    result.status = signal ? interrupted : failed;
    result.kind = signal ? "cancelled" : "timeout";
    result.message = signal ? "interrupted" : "the operation took longer than --timeout allows";
    return result;
}

failure explain(const cyclos::api_error& error, const caller_identity& caller)
{
    failure result;
    result.status = server_error;
    result.kind = error.kind();
    result.http_status = error.status();
    result.code = caller.secrets.redact(error.server_code());
    result.context = error.context();
    result.message = describe(error, caller);
    return result;
}

failure explain(const cyclos::error& error, stop_reason reason, const caller_identity& caller)
{
    if (const auto* answered = dynamic_cast<const cyclos::api_error*>(&error)) {
        return explain(*answered, caller);
    }
    failure result;
    if (error.code() == cyclos::errc::cancelled && reason != stop_reason::none) {
        result = make_stop_failure(reason);
        result.message += describe_upload_state(error);
    }
    else {
        result.status = error.is_rejected_locally() ? rejected : failed;
        result.kind = error.kind();
        result.message = describe(error, caller);
    }
    result.context = error.context();
    return result;
}

failure make_failure(exit_status status, std::string kind, std::string message)
{
    failure result;
    result.status = status;
    result.kind = std::move(kind);
    result.message = std::move(message);
    return result;
}

} // namespace

failure explain(const std::exception_ptr& thrown, stop_reason reason, const caller_identity& caller)
{
    try {
        std::rethrow_exception(thrown);
    }
    catch (const cyclos::error& error) {
        return explain(error, reason, caller);
    }
    catch (const command_failure& error) {
        return error.reason();
    }
    catch (const command_rejected& error) {
        return make_failure(rejected, "rejected", error.what());
    }
    catch (const output_error& error) {
        return make_failure(failed, "output", error.what());
    }
    catch (const boost::system::system_error& error) {
        // Waits of the tool itself fail with this error when they are cancelled.
        if (error.code() == boost::asio::error::operation_aborted && reason != stop_reason::none) {
            return make_stop_failure(reason);
        }
        return make_failure(failed, "transport", error.what());
    }
    catch (const std::exception& error) {
        return make_failure(failed, "internal", error.what());
    }
}

boost::json::object details_of(const failure& reason)
{
    boost::json::object details;
    if (!reason.code.empty()) {
        details["code"] = reason.code;
    }
    if (reason.context) {
        details["phase"] = to_string(reason.context->phase);
        details["sent"] = to_string(reason.context->sent);
        details["attempts"] = reason.context->attempts;
    }
    details["message"] = reason.message;
    return details;
}

void report(const failure& reason, const invocation& options)
{
    if (!options.json) {
        const std::string name = "cyclos-images:";
        print_diagnostic(
            (enable_colours(standard_stream::error) ? coloured(colour::red, name) : name) + ' ' +
            (options.command.empty() ? "" : options.command + ": ") + printable(reason.message));
        return;
    }
    boost::json::object error;
    error["kind"] = reason.kind;
    if (reason.http_status) {
        error["status"] = *reason.http_status;
    }
    for (const auto& detail : details_of(reason)) {
        error[detail.key()] = detail.value();
    }
    boost::json::object line;
    line["error"] = std::move(error);
    print_diagnostic(json_line(line));
}

} // namespace tool

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

#include <cyclos/error.hpp>

#include <boost/asio/error.hpp>

#include <utility>

namespace tool {
namespace {

failure stopped(ended_by reason)
{
    failure result;
    const bool signal = reason == ended_by::signal;
    result.status = signal ? interrupted : failed;
    result.kind = signal ? "cancelled" : "timeout";
    result.message = signal ? "interrupted" : "the operation took longer than --timeout allows";
    return result;
}

failure explain(const cyclos::api_error& error, const caller& from)
{
    failure result;
    result.status = server_error;
    result.kind = error.kind();
    result.http_status = error.status();
    result.code = from.hidden.blot(error.code_text());
    result.context = error.context();
    result.message = describe(error, from);
    return result;
}

failure explain(const cyclos::error& error, ended_by reason, const caller& from)
{
    if (const auto* answered = dynamic_cast<const cyclos::api_error*>(&error)) {
        return explain(*answered, from);
    }
    failure result;
    if (error.code() == cyclos::errc::cancelled && reason != ended_by::itself) {
        result = stopped(reason);
        result.message += what_became_of_it(error);
    }
    else {
        result.status = error.is_refused() ? refused : failed;
        result.kind = error.kind();
        result.message = describe(error, from);
    }
    result.context = error.context();
    return result;
}

failure plain(exit_status status, std::string kind, std::string message)
{
    failure result;
    result.status = status;
    result.kind = std::move(kind);
    result.message = std::move(message);
    return result;
}

} // namespace

failure explain(const std::exception_ptr& thrown, ended_by reason, const caller& from)
{
    try {
        std::rethrow_exception(thrown);
    }
    catch (const cyclos::error& error) {
        return explain(error, reason, from);
    }
    catch (const explained& error) {
        return error.reason();
    }
    catch (const refusal& error) {
        return plain(refused, "refused", error.what());
    }
    catch (const output_failure& error) {
        return plain(failed, "output", error.what());
    }
    catch (const boost::system::system_error& error) {
        // The tool's own waits end so when they are cancelled.
        if (error.code() == boost::asio::error::operation_aborted && reason != ended_by::itself) {
            return stopped(reason);
        }
        return plain(failed, "transport", error.what());
    }
    catch (const std::exception& error) {
        return plain(failed, "internal", error.what());
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

void report(const failure& what, const invocation& given)
{
    if (!given.json) {
        const std::string name = "cyclos-images:";
        complain((takes_colours(standard::error) ? painted(colour::red, name) : name) + ' ' +
                 (given.command.empty() ? "" : given.command + ": ") + printable(what.message));
        return;
    }
    boost::json::object error;
    error["kind"] = what.kind;
    if (what.http_status) {
        error["status"] = *what.http_status;
    }
    for (const auto& each : details_of(what)) {
        error[each.key()] = each.value();
    }
    boost::json::object line;
    line["error"] = std::move(error);
    complain(json_line(line));
}

} // namespace tool

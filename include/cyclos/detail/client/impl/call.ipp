//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_DETAIL_CLIENT_IMPL_CALL_IPP
#define CYCLOS_DETAIL_CLIENT_IMPL_CALL_IPP

#include <cyclos/detail/client/call.hpp>

#include <utility>

namespace cyclos {
inline namespace CYCLOS_ABI {
namespace detail {

CYCLOS_DECL call::~call()
{
    // If the execution context is being destroyed, the source may still be read. It is destroyed
    // with its reader then.
    if (kept_body && !kept_body->reading()) {
        kept_body->release();
    }
}

CYCLOS_DECL bool call::keep_source(const upload_config& checks)
{
    http::request& request = op.request;
    auto& [field, body] = *request.form;
    if (!body->rewindable()) {
        return false;
    }
    request.field = field;
    request.body = kept_body = std::make_shared<http::source_reader>(std::move(body), checks);
    request.form.reset();
    return true;
}

/// Copies a request that has no form: keep_source() has replaced the form by a shared reader.
inline http::request copy_of(const http::request& original)
{
    http::request copy;
    copy.body = original.body;
    copy.field = original.field;
    copy.method = original.method;
    copy.target = original.target;
    copy.fields = original.fields;
    return copy;
}

CYCLOS_DECL http::request call::next_request()
{
    const bool repeatable = may_refresh_credentials || redirects_left > 0;
    return repeatable ? copy_of(op.request) : std::move(op.request);
}

} // namespace detail
} // namespace CYCLOS_ABI
} // namespace cyclos

#endif // CYCLOS_DETAIL_CLIENT_IMPL_CALL_IPP

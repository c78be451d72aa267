//
// Copyright (c) 2026 The cyclos-images authors
//
// Distributed under the Boost Software License, Version 1.0. (See accompanying
// file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
//

#ifndef CYCLOS_SANDBOX_SRC_TLS_CONTEXT_HPP
#define CYCLOS_SANDBOX_SRC_TLS_CONTEXT_HPP

#include <cyclos/sandbox/certificates.hpp>
#include <cyclos/sandbox/options.hpp>

#include "openssl.hpp"

namespace cyclos::sandbox {

/// Creates the TLS context of the server, with a certificate that @p issuer issues.
openssl::context make_server_context(const options& opts, const authority& issuer);

} // namespace cyclos::sandbox

#endif // CYCLOS_SANDBOX_SRC_TLS_CONTEXT_HPP

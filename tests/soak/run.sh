#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Mixed operations of five clients against the embedded server, which misbehaves,
# with names, files and a network that fail, on a Debian 12 that needs nothing else.
#
#   tests/soak/run.sh [SECONDS [SEED]]
#
# SECONDS is 120 by default. A line a minute tells the operations, the errors by kind, the resident memory, the
# descriptors and what the pools hold. It fails where memory has grown beyond its bound after the first 30 seconds (or a
# quarter of the time), where descriptors, connections or files are left at the end, where operations do not succeed
# after an outage, and where a result was wrong.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup.sh

install_packages "${library_packages[@]}" "${tool_packages[@]}" "${test_packages[@]}"
cmake --preset release
cmake --build --preset release --target soak
build/release/tests/soak "$@"

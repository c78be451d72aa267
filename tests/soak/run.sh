#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The soak test: mixed operations of five clients against the embedded server,
# which misbehaves, with faults of name resolution, files and network, on a
# Debian 12 without other packages.
#
#   tests/soak/run.sh [SECONDS [SEED]]
#
# SECONDS is 120 by default. A line per minute shows the operations, the errors
# by kind, the resident memory, the descriptors and the state of the pools. It
# fails if memory has grown beyond its limit after the first 30 seconds (or a
# quarter of the time), if descriptors, connections or files are left at the
# end, if operations do not succeed after an outage, or if a result was wrong.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup.sh

install_packages "${library_packages[@]}" "${tool_packages[@]}" "${test_packages[@]}"
cmake --preset release
cmake --build --preset release --target soak
build/release/tests/soak "$@"

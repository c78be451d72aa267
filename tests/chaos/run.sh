#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The chaos test: reloads, stops and kills nginx, haproxy and Apache in turn
# while 200 concurrent operations run through them, on a Debian 12 without other
# packages.
#
#   tests/chaos/run.sh [SECONDS [SEED [SERVER]]]
#
# SECONDS, 60 by default, is the time for each server. It prints successes, and
# failures with the reason for which a retry could not hide them. It fails if a
# result is wrong or a failure has no explanation.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup.sh

install_packages "${library_packages[@]}" "${tool_packages[@]}" "${test_packages[@]}"
cmake --preset release
cmake --build --preset release --target chaos
build/release/tests/chaos "$@"

#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Counts the instructions and allocations of a small request over a reused
# connection, including those of OpenSSL and Boost.JSON, and fails if they
# exceed the recorded ones (results/counts.json) by more than 5 %.
#
#   benchmarks/count.sh [--keep]
#
# --keep records the new counts.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

install_packages "${library_packages[@]}" "${tool_packages[@]}" "${test_packages[@]}" valgrind python3-minimal
# The server is not counted, so it may be the one that the tests have built.
cmake --preset dev
cmake --build --preset dev --target cyclos-images
cmake --preset release
cmake --build --preset release --target load-cyclos
python3 benchmarks/count.py build/dev/examples/cyclos-images build/release/benchmarks/load-cyclos "$@"

#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Measures the cost of compiling the library, next to a client by hand: CPU
# seconds and peak memory of the compiler, with GCC and Clang, -O0 and -O2, and
# the size of a program with one call.
#
#   benchmarks/compile_cost.sh [ROUNDS]
#
# Writes benchmarks/results/compile_cost.md. ccache is not used.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

install_packages "${library_packages[@]}" "${clang_packages[@]}" binutils python3-minimal >&2
python3 benchmarks/compile_cost.py "${1:-3}"

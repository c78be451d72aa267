#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Builds everything and runs all tests, on a Debian 12 without other packages.
#
#   tests/run.sh [PRESET [CTEST OPTION...]]
#
# PRESET is one of `cmake --list-presets`; dev (Debug with GCC) is the default.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

preset=${1:-dev}
shift $(($# > 0))

install_packages "${library_packages[@]}" "${tool_packages[@]}" "${test_packages[@]}"
if [[ $preset == clang || $preset == asan || $preset == tsan ]]; then
    install_packages "${clang_packages[@]}"
fi
install_node_modules

cmake --preset "$preset"
cmake --build --preset "$preset"

if [[ $preset != asan && $preset != tsan ]]; then
    fixed_layout=()
fi
"${fixed_layout[@]}" ctest --preset "$preset" --parallel "$(nproc)" "$@"

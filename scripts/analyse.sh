#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Static analysis with clang-tidy and cppcheck, on a Debian 12 that needs
# nothing else. What is found fails it.
#
# Most of the time goes into Boost's headers, once for each translation unit.
# So the sources of each program are one unit here. The price: the paths of
# clang-analyzer-* are followed in the file given to clang-tidy alone, not in
# those that it includes.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

install_packages "${library_packages[@]}" "${tool_packages[@]}" "${clang_packages[@]}" "${analysis_packages[@]}"

# A folder of its own: a precompiled header would have to be built first.
folder=build/analysis
cmake --preset clang -B "$folder" \
    -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=0 \
    -DCYCLOS_IMAGES_BUILD_TESTS=OFF -DCYCLOS_IMAGES_BUILD_BENCHMARKS=OFF

status=0

# The library with all its definitions, the tool, and the embedded server. The
# includes of sources are those of the unity build.
units=(
    "$folder/CMakeFiles/cyclos_images_compiled.dir/Unity/unity_0_cxx.cxx"
    "$folder/examples/CMakeFiles/cyclos-images.dir/Unity/unity_0_cxx.cxx"
    "$folder/tests/sandbox/CMakeFiles/cyclos_sandbox.dir/Unity/unity_0_cxx.cxx"
)
printf '%s\0' "${units[@]}" |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy-19 -p "$folder" --quiet --checks=-bugprone-suspicious-include || status=1

# Version 2.10 loses the initialisers of constructors in a nested namespace that is inline, so that word goes.
cppcheck --enable=warning,performance,portability --inline-suppr --error-exitcode=1 --quiet --template=gcc \
    --suppressions-list=scripts/cppcheck.supp --std=c++20 --language=c++ -j "$(nproc)" \
    -Dinline= -DCYCLOS_SEPARATE_COMPILATION -DBOOST_ASIO_NO_DEPRECATED -Iinclude -Itests/sandbox/include \
    cmake/compiled.cpp examples tests/sandbox || status=1

exit "$status"

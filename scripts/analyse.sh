#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Static analysis with clang-tidy and cppcheck, on a Debian 12 without other
# packages. A finding fails it.
#
# clang-tidy runs twice. Its checks of single statements see the sources of each
# program as one unit, because most of their time is spent on Boost's headers.
# Clang's analyser follows paths only in the given file, and not in included
# ones, so it gets each file separately.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

install_packages "${library_packages[@]}" "${tool_packages[@]}" "${clang_packages[@]}" "${analysis_packages[@]}"

# Its own build folder: otherwise a precompiled header would have to be built
# first.
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
    xargs -0 -n 1 -P "$(nproc)" clang-tidy-19 -p "$folder" --quiet \
        --checks='-bugprone-suspicious-include,-clang-analyzer-*' || status=1

# analyse FILE...: runs the analyser. It does not enter templates of other libraries, which would
# take five times as long: pool.ipp takes 10 s without them, and 62 s with them.
analyse() {
    printf '%s\0' "$@" | xargs -0 -I FILE -P "$(nproc)" clang-tidy-19 --quiet \
        --checks='-bugprone-*,-cppcoreguidelines-*,-misc-*,-modernize-*,-performance-*,-readability-*' FILE -- \
        -x c++ -std=c++20 -DCYCLOS_SEPARATE_COMPILATION -DBOOST_ASIO_NO_DEPRECATED \
        -Iinclude -Itests -Itests/sandbox/include -Iexamples -isystem /usr/include/stb \
        -Xclang -analyzer-config -Xclang c++-template-inlining=false
}

# A known defect that the analyser must find: otherwise it does not work.
planted=$folder/planted.cpp
cat >"$planted" <<'SOURCE'
int length(const int* number) { return number == nullptr ? *number : 0; }
SOURCE
if analyse "$planted" >"$folder/planted.log" 2>&1 || ! grep -q clang-analyzer-core.NullDereference "$folder/planted.log"; then
    echo "the analyser does not find the null dereference in $planted" >&2
    status=1
fi

# All sources, and the internal headers, some of which are whole parts of the library. Except: files
# for Windows, and pictures.cpp, in which it reports the functions of stb.
readarray -t files < <(
    {
        find include examples tests/sandbox \( -name '*.ipp' -o -name '*.cpp' \)
        find include/cyclos/detail -name '*.hpp'
    } | grep -Ev '_windows|/pictures\.cpp' | sort
)
analyse "${files[@]}" || status=1

# Version 2.10 misses constructor initialisers in a nested inline namespace, so the word `inline` is
# removed.
cppcheck --enable=warning,performance,portability --inline-suppr --error-exitcode=1 --quiet --template=gcc \
    --suppressions-list=scripts/cppcheck.supp --std=c++20 --language=c++ -j "$(nproc)" \
    -Dinline= -DCYCLOS_SEPARATE_COMPILATION -DBOOST_ASIO_NO_DEPRECATED -Iinclude -Itests/sandbox/include \
    cmake/compiled.cpp examples tests/sandbox || status=1

exit "$status"

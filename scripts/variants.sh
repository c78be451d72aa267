#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Compiles the first example of the README with the library as headers only,
# with options that the presets do not use: other versions of C++, without RTTI,
# with and without Asio's deprecated parts, and with libc++. Nothing is linked,
# as Debian's Boost libraries use libstdc++.
#
#   scripts/variants.sh [COMMAND...]
#
# A COMMAND is a compiler with its options in one argument; those below are the
# default, for Debian 12. They take about a minute.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

variants=("$@")
if (($# == 0)); then
    install_packages "${library_packages[@]}" clang-19 libc++-19-dev libc++abi-19-dev
    variants=(
        'g++ -std=c++20'
        'g++ -std=c++20 -DBOOST_ASIO_NO_DEPRECATED'
        'g++ -std=c++20 -fno-rtti'
        'g++ -std=c++23'
        'clang++-19 -std=c++20 -fno-rtti'
        'clang++-19 -std=c++20 -stdlib=libc++'
        'clang++-19 -std=c++23 -stdlib=libc++'
    )
fi
flags=(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -fsyntax-only -Iinclude)

folder=$(mktemp --directory)
trap 'rm -r "$folder"' EXIT
cmake -D MARKDOWN=README.md -D OUTPUT="$folder/first_example.cpp" -P tests/consumers/first_example.cmake

# Reads a command from its argument, and tests whether it compiles the example.
try() {
    local -a command
    read -ra command <<<"$1"
    if "${command[@]}" "${flags[@]}" "$folder/first_example.cpp"; then
        echo "compiles: $1"
    else
        echo "FAILS: $1"
        return 1
    fi
}
status=0
for variant in "${variants[@]}"; do
    try "$variant" || status=1
done
exit "$status"

#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Builds and tests with one compiler, on the current system, with all packages
# installed.
#
#   scripts/matrix/native.sh ROW COMPILER all|tests|compile [--without TESTS] [CMAKE_OPTION...]
#
# compile: the library as headers only and with separate compilation, and the
# tool. tests: also the unit and integration tests, and the demo. all: also the
# installed package, with a consumer. TESTS is a regular expression.

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
row=$1 compiler=$2 extent=$3
shift 3
excluded=()
if [[ ${1-} == --without ]]; then
    excluded=(--exclude-regex "^$2\$")
    shift 2
fi
# At the same depth as the folders of the presets, so that relative paths are equal and ccache
# shares its results.
folder=build/matrix-$row
source scripts/setup.sh
source scripts/matrix/steps.sh

if [[ $extent != compile ]]; then
    step node install_node_modules || exit 1
fi
step configure cmake --preset dev -B "$folder" -D CMAKE_CXX_COMPILER="$compiler" \
    -D CYCLOS_IMAGES_BUILD_BENCHMARKS=OFF "$@" || exit 1
echo "compiler $("$compiler" --version | head -n 1)"
boost=$(sed -n 's/^Boost_DIR:PATH=.*Boost-//p' "$folder/CMakeCache.txt")
echo "libraries Boost $boost, $(openssl version | cut -d ' ' -f 1-2), CMake $(cmake --version | sed -n '1s/.* //p')"

# The compile options for the headers that this compiler supports.
variants=("$compiler -std=c++20" "$compiler -std=c++20 -fno-rtti")
for option in -std=c++23 -std=c++26 '-std=c++20 -stdlib=libc++'; do
    # shellcheck disable=SC2086 # an option may be two words
    if echo '#include <version>' | "$compiler" $option -x c++ -fsyntax-only - 2>/dev/null; then
        variants+=("$compiler $option")
    fi
done
step header-only scripts/variants.sh "${variants[@]}" && sed -n "s/^compiles: \S* /headers /p" "$folder/header-only.log"
targets=()
if [[ $extent == compile ]]; then
    targets=(--target cyclos_images_compiled cyclos-images)
fi
if step compiled cmake --build "$folder" "${targets[@]}" && [[ $extent != compile ]]; then
    step tests ctest --test-dir "$folder" --output-on-failure --no-tests=error \
        --parallel "$(getconf _NPROCESSORS_ONLN)" --label-regex '^(unit|integration)$' "${excluded[@]}"
    count_tests tests
    step demo "$folder/examples/cyclos-images" demo
    if [[ $extent == all ]]; then
        step package ctest --test-dir "$folder" --output-on-failure --no-tests=error --tests-regex '^consumers/install$'
    fi
fi
exit $((failures > 0))

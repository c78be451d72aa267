#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Builds for another processor, in a root of Debian 12 with a cross compiler and
# the libraries of the other architecture. QEMU runs the unit tests and the
# tool's demo. It emulates a single process, so the integration tests, which
# start programs, do not run.
#
#   scripts/matrix/cross.sh ARCHITECTURE PROCESSOR   # the names that Debian and GNU have for it

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
architecture=$1 processor=$2
folder=build/matrix-$architecture
source scripts/setup.sh
source scripts/matrix/root.sh
source scripts/matrix/steps.sh

root=debian12-$architecture
compiler=$processor-linux-gnu-g++
emulator=qemu-$processor-static
libraries=(libssl-dev)
read -ra boost <<<"$(boost_packages 1.81)"
libraries+=("${boost[@]}" libspdlog-dev)
make_root "$root" bookworm "$(dpkg --print-architecture),$architecture" 90 \
    "g++-$processor-linux-gnu" cmake ninja-build ccache qemu-user-static \
    "${libraries[@]/%/:$architecture}" "${tool_packages[@]}" doctest-dev || exit

# Without debug information it builds faster.
step configure in_root "$root" cmake --preset dev -B "$folder" -D CMAKE_CXX_FLAGS_DEBUG=-O0 \
    -D CMAKE_SYSTEM_NAME=Linux -D CMAKE_SYSTEM_PROCESSOR="$processor" -D CMAKE_CXX_COMPILER="$compiler" \
    -D CMAKE_LIBRARY_ARCHITECTURE="$processor-linux-gnu" -D CMAKE_CROSSCOMPILING_EMULATOR="$emulator" \
    -D CYCLOS_IMAGES_INSTALL_SANDBOX=OFF -D CYCLOS_IMAGES_BUILD_BENCHMARKS=OFF || exit
echo "compiler $(in_root "$root" "$compiler" --version | head -n 1)"
# shellcheck disable=SC2016 # dpkg-query gives it its value
version=$(in_root "$root" dpkg-query --show --showformat='${Version}' "libssl-dev:$architecture")
echo "libraries Boost 1.81.0, OpenSSL ${version%-*}, $(in_root "$root" "$emulator" --version | head -n 1)"

step compiled in_root "$root" cmake --build "$folder" --target unit_tests cyclos-images || exit
step tests in_root "$root" ctest --test-dir "$folder" --output-on-failure --no-tests=error \
    --parallel "$(nproc)" --label-regex '^unit$'
count_tests tests
step demo in_root "$root" "$emulator" "$folder/examples/cyclos-images" demo
exit $((failures > 0))

#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Runs the tests and says what of the library they have run, on a Debian 12 that
# needs nothing else. Prints a table, and writes build/coverage/index.html.
#
# Only the library is built for it, in the folder of the asan preset, and anew
# without it afterwards: all the rest stays as it is. Clang is asked, as GCC 12
# does not count what is in coroutines.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

install_packages "${library_packages[@]}" "${tool_packages[@]}" "${test_packages[@]}" "${clang_packages[@]}" gcovr
install_node_modules

trap 'cmake --preset asan -D CYCLOS_IMAGES_COVERAGE=OFF >/dev/null' EXIT
cmake --preset asan -D CYCLOS_IMAGES_COVERAGE=ON
cmake --build --preset asan
find build/asan -name '*.gcda' -delete

"${fixed_layout[@]}" ctest --preset asan --parallel "$(nproc)"

mkdir -p build/coverage
gcovr --root . --filter include/cyclos/ --gcov-executable 'llvm-cov-19 gcov' \
    --html-details build/coverage/index.html --txt build/coverage/coverage.txt \
    build/asan/CMakeFiles/cyclos_images_compiled.dir
cat build/coverage/coverage.txt

#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Runs the tests and measures their coverage of the library, on a Debian 12
# without other packages. Prints a table, and writes build/coverage/index.html.
#
# Only the library is instrumented, in the folder of the asan preset, and
# rebuilt without instrumentation afterwards: everything else stays built. Clang
# measures it, as GCC 12 does not count code in coroutines.

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

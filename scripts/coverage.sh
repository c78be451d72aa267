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
# Only the library is built for it, in the folder of the dev preset, and anew
# without it afterwards: all the rest stays as it is.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

install_packages "${library_packages[@]}" "${tool_packages[@]}" "${test_packages[@]}" gcovr
install_node_modules

trap 'cmake --preset dev -D CYCLOS_IMAGES_COVERAGE=OFF >/dev/null' EXIT
cmake --preset dev -D CYCLOS_IMAGES_COVERAGE=ON
cmake --build --preset dev
find build/dev -name '*.gcda' -delete

# Consumers build the library for themselves.
ctest --preset dev --parallel "$(nproc)" --label-exclude consumers

mkdir -p build/coverage
# Branches that only exceptions of the standard library take say nothing.
gcovr --root . --filter include/cyclos/ --exclude-throw-branches \
    --gcov-ignore-parse-errors=negative_hits.warn_once_per_file \
    --html-details build/coverage/index.html --txt build/coverage/coverage.txt \
    build/dev/CMakeFiles/cyclos_images_compiled.dir
cat build/coverage/coverage.txt

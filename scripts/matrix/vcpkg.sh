#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Builds the library and its unit tests with the packages of vcpkg, and runs
# them: for systems without apt, such as macOS and Windows with MSVC. Not yet
# run.
#
#   scripts/matrix/vcpkg.sh ROW [CMAKE_OPTION...]

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
row=$1
shift
folder=build/matrix-$row
source scripts/matrix/steps.sh

# Hosted Windows machines include vcpkg, and set its path.
vcpkg=${VCPKG_INSTALLATION_ROOT:-$HOME/vcpkg}
if [[ ! -d $vcpkg ]]; then
    step vcpkg git clone https://github.com/microsoft/vcpkg.git "$vcpkg" || exit 1
    step bootstrap "$vcpkg/bootstrap-vcpkg.sh" -disableMetrics || exit 1
fi

step configure cmake -S . -B "$folder" -D CMAKE_TOOLCHAIN_FILE="$vcpkg/scripts/buildsystems/vcpkg.cmake" \
    -D VCPKG_MANIFEST_FEATURES=tests -D CMAKE_BUILD_TYPE=Debug -D CYCLOS_IMAGES_BUILD_TESTS=ON "$@" || exit 1
if step compiled cmake --build "$folder" --config Debug --target unit_tests; then
    step tests ctest --test-dir "$folder" --build-config Debug --output-on-failure --no-tests=error --label-regex '^unit$'
    count_tests tests
fi
exit $((failures > 0))

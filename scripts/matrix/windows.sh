#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The cell `windows` of the matrix: library, unit tests and tool, cross compiled
# with MinGW-w64 and run under Wine. windows_prefix.sh makes the dependencies
# that Debian does not have. Needs a Debian without other packages.
#
# shellcheck disable=SC2317 # the steps are called by name
# Prints `step NAME ok|FAILED SECONDS` for each step, and `tests PASSED/TOTAL`.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup.sh

# ca-certificates: Wine's system certificate store is made from them.
install_packages g++-mingw-w64-x86-64-posix lld llvm cmake ninja-build ccache wine64 ca-certificates

cache=${XDG_CACHE_HOME:-$HOME/.cache}/cyclos-images/windows
build=$PWD/build/windows
mkdir -p "$cache"
export WINEPREFIX=$cache/wine WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
export LC_ALL=C.UTF-8 # the encoding of file names and command lines in Wine
wine=/usr/lib/wine/wine64
tool=$build/examples/cyclos-images.exe

folder=$build/logs
source scripts/matrix/steps.sh

make_prefix() {
    scripts/matrix/windows_prefix.sh
}

configure() {
    cmake -S . -B "$build" -G Ninja \
        -D CMAKE_TOOLCHAIN_FILE="$PWD/cmake/toolchains/mingw-w64.cmake" -D CMAKE_PREFIX_PATH="$cache/root/usr" \
        -D CMAKE_BUILD_TYPE=Debug -D CMAKE_CXX_FLAGS_DEBUG=-O0 \
        -D CYCLOS_IMAGES_WARNINGS_AS_ERRORS=ON -D CYCLOS_IMAGES_BUILD_BENCHMARKS=OFF \
        -D CYCLOS_IMAGES_BUILD_TESTS=ON -D CYCLOS_IMAGES_BUILD_EXAMPLES=ON
}

# The library in both forms: headers_with_macros uses it as headers only, the programs with separate
# compilation.
compile() {
    cmake --build "$build" --target headers_with_macros unit_tests cyclos-images
}

start_wine() {
    "$wine" wineboot --init && "${wine%/*}/wineserver64" --wait
}

unit_tests() {
    ctest --test-dir "$build" --label-regex '^unit$' --output-on-failure
}

demo() {
    "$wine" "$tool" demo --json
}

# The tool with unusual file names and with pipes, against its own server.
files_and_pipes() (
    set -euo pipefail
    work=$(mktemp --directory)
    image="$work/Grüße 猫.png"
    make_image "$image"
    "$wine" "$tool" serve --json >"$work/serve.json" &
    server=$!
    trap 'kill "$server"; rm -rf "$work"' EXIT
    until [[ -s $work/serve.json ]]; do
        kill -0 "$server"
        sleep 0.1
    done
    CYCLOS_URL=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' "$work/serve.json")
    authority=$(sed -n 's/.*"caFile":"\([^"]*\)".*/\1/p' "$work/serve.json" | sed 's,\\\\,\\,g')
    export CYCLOS_URL CYCLOS_USERNAME=demo CYCLOS_PASSWORD=demo

    run_tool() {
        "$wine" "$tool" --ca-file "$authority" --json "$@"
    }
    id_of() {
        sed -n 's/.*"id":"\([^"]*\)".*/\1/p'
    }
    id=$(run_tool upload-user-image self "$image" | id_of)
    run_tool view-image "$id" | grep -F 'Grüße 猫'
    run_tool get-image-content-by-id "$id" -o "$work/Größe.png"
    cmp "$image" "$work/Größe.png"

    # shellcheck disable=SC2002 # it has to be a pipe
    id=$(cat "$image" | run_tool upload-user-image self - | id_of)
    run_tool get-image-content-by-id "$id" -o - | cmp "$image" -
)

# The smallest PNG with content: the server stores only images.
make_image() {
    base64 --decode >"$1" <<'END'
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==
END
}

if step prefix make_prefix && step configure configure && step compile compile && step wine start_wine; then
    step unit_tests unit_tests || true
    count_tests unit_tests
    step demo demo || true
    step files_and_pipes files_and_pipes || true
fi
((failures == 0))

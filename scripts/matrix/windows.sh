#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The cell `windows` of the matrix: library, unit tests and tool, cross compiled
# with MinGW-w64 and run under Wine. What a system like Debian has not got for
# it, windows_prefix.sh makes. Needs a Debian, and nothing on it.
#
# shellcheck disable=SC2317 # the steps are called by name
# Prints `step NAME ok|FAILED SECONDS` for each step, and `tests PASSED/TOTAL`.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup.sh

# ca-certificates: Wine makes the system's store of certificates from them.
install_packages g++-mingw-w64-x86-64-posix lld llvm cmake ninja-build ccache wine64 ca-certificates

cache=${XDG_CACHE_HOME:-$HOME/.cache}/cyclos-images/windows
build=$PWD/build/windows
mkdir -p "$cache" "$build"
export WINEPREFIX=$cache/wine WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
export LC_ALL=C.UTF-8 # by which Wine reads the names of files, and the words of a command line
wine=/usr/lib/wine/wine64
tool=$build/examples/cyclos-images.exe

status=0
summary=()

# step NAME COMMAND...: runs it, with its output in a file that is shown if it fails.
step() {
    local name=$1 begin=$SECONDS outcome=ok
    local log=$build/$name.log
    shift
    if ! "$@" >"$log" 2>&1; then
        outcome=FAILED
        status=1
        tail -n 50 "$log"
    fi
    summary+=("step $name $outcome $((SECONDS - begin))")
    echo "${summary[-1]}"
    [[ $outcome == ok ]]
}

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

# The library in both ways: headers_with_macros takes it as headers only, the programs with separate compilation.
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

# The tool with files of any name, and with pipes, against its own server.
files_and_pipes() {
    local folder server url authority image="$build/Grüße 猫.png"
    folder=$(mktemp --directory --tmpdir="$build")
    "$wine" "$tool" serve --json >"$folder/serve.json" &
    server=$!
    # shellcheck disable=SC2064 # as they are now
    trap "kill $server; rm -rf '$folder' '$image'" RETURN
    until [[ -s $folder/serve.json ]]; do
        kill -0 "$server" || return 1
        sleep 0.1
    done
    url=$(sed -n 's/.*"url":"\([^"]*\)".*/\1/p' "$folder/serve.json" | sed 's,\\/,/,g')
    authority=$(sed -n 's/.*"caFile":"\([^"]*\)".*/\1/p' "$folder/serve.json" | sed 's,\\\\,\\,g')
    export CYCLOS_URL=$url CYCLOS_USERNAME=demo CYCLOS_PASSWORD=demo

    run_tool() {
        "$wine" "$tool" --ca-file "$authority" --json "$@"
    }
    make_image "$image"
    local id
    id=$(run_tool upload-user-image self "$image" | sed -n 's/.*"id":"\([^"]*\)".*/\1/p')
    [[ -n $id ]] || return 1
    run_tool view-image "$id" | grep -F 'Grüße 猫' || return 1
    run_tool get-image-content-by-id "$id" -o "$folder/Größe.png" --force || return 1
    cmp "$image" "$folder/Größe.png" || return 1

    # shellcheck disable=SC2002 # it has to be a pipe
    id=$(cat "$image" | run_tool upload-user-image self - | sed -n 's/.*"id":"\([^"]*\)".*/\1/p')
    [[ -n $id ]] || return 1
    run_tool get-image-content-by-id "$id" -o - | cmp "$image" - || return 1
}

# The smallest PNG with something in it: what is stored has to be an image.
make_image() {
    base64 --decode >"$1" <<'END'
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==
END
}

tests=0/0
if step prefix make_prefix && step configure configure && step compile compile && step wine start_wine; then
    step unit_tests unit_tests || true
    tests=$(sed -n 's/^[0-9]*% tests passed, \([0-9]*\) tests failed out of \([0-9]*\)/\1 \2/p' "$build/unit_tests.log" |
        { read -r failed total && echo "$((total - failed))/$total"; }) || tests=0/0
    step demo demo || true
    step files_and_pipes files_and_pipes || true
fi

echo
printf '%s\n' "${summary[@]}"
echo "tests $tests"
exit "$status"

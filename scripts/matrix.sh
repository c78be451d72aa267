#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Builds and tests the library on other systems, and prints a table of the
# results. Needs a Debian or Ubuntu, Debian's mirror, and root or sudo; the
# roots are kept in ~/.cache/cyclos-images (several gigabytes).
#
#   scripts/matrix.sh [CELL|ROW][:compile|:tests]...
#
# Cells: debian12 debian13 sid i386 arm64 s390x windows; all of them are the
# default. A cell has a row for each compiler and version of Boost, such as
# debian12-clang16, which can be given instead. With `:compile` nothing is run;
# with `:tests` everything runs except the consumer of the installed package (in
# the cells that compile natively).

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
source scripts/setup.sh
source scripts/matrix/root.sh

wanted=("$@")
if (($# == 0)); then
    wanted=(debian12 debian13 sid i386 arm64 s390x windows)
fi

# extent_of CELL ROW: the requested extent of a row. False if it is not requested.
extent_of() {
    local name
    for name in "${wanted[@]}"; do
        case $name in
            "$1" | "$2") echo all && return ;;
            "$1":* | "$2":*) echo "${name#*:}" && return ;;
        esac
    done
    return 1
}

# The packages of a root besides Boost. They have the same names in all versions of Debian.
common_packages=("${build_packages[@]}" "${tool_packages[@]}" "${test_packages[@]}" nodejs npm openssl)

logs=build/matrix
mkdir -p "$logs"
rows=()
status=0
notices=()

# row NAME COMMAND...: runs a command that prints the lines of steps.sh, and adds a row to the
# table.
row() {
    local name=$1 begin=$SECONDS result=passed
    local log=$logs/$name.txt
    shift
    printf '\n===== %s\n' "$name"
    if ! "$@" </dev/null 2>&1 | tee "$log"; then
        result=FAILED
        status=1
    fi
    rows+=("| $name | $(line_of compiler) | $(line_of libraries) | $(steps_of "$log") | $(line_of tests) | $result | $((SECONDS - begin)) |")
}

# line_of WORD: the text after the word in the log of a row.
line_of() {
    sed -n "s/^$1 //p" "$log" | tail -n 1
}

# The names of the steps, marking failed ones.
steps_of() {
    awk '$1 == "step" { text = text (text ? ", " : "") $2 ($3 == "ok" ? "" : " FAILED") } END { print text }' "$1"
}

# linux_root NAME SUITE ARCHITECTURE MAX_AGE PACKAGE...
linux_root() {
    if ! make_root "$@"; then
        notices+=("$root_notice: its cell was not run")
        return 1
    fi
    if [[ $root_notice ]]; then
        notices+=("$root_notice")
    fi
}

# build CELL ROOT ROW COMPILER [--without TESTS] [CMAKE_OPTION...]: runs the row, if requested, in
# the root that linux_root has made.
build() {
    local cell=$1 root=$2 name=$3 compiler=$4 extent
    shift 4
    if extent=$(extent_of "$cell" "$name"); then
        row "$name" in_root "$root" scripts/matrix/native.sh "$name" "$compiler" "$extent" "$@"
    fi
}

# wants CELL [ROW...]: whether the cell, or one of these rows, is requested.
wants() {
    local row
    for row in "${@:2}" ''; do
        extent_of "$1" "$row" >/dev/null && return
    done
    return 1
}

read -ra default_boost <<<"$(boost_packages)"
read -ra boost_1_81 <<<"$(boost_packages 1.81)"
read -ra boost_1_88 <<<"$(boost_packages 1.88)"
read -ra boost_1_90 <<<"$(boost_packages 1.90)"

io_uring=(
    '-DCMAKE_CXX_FLAGS=-DBOOST_ASIO_HAS_IO_URING -DBOOST_ASIO_DISABLE_EPOLL'
    -DCMAKE_CXX_STANDARD_LIBRARIES=-luring
)
if wants debian12 debian12-{gcc,clang16,clang19,io_uring} &&
    linux_root debian12 bookworm amd64 90 "${common_packages[@]}" "${boost_1_81[@]}" clang-16 clang-19 liburing-dev; then
    build debian12 debian12 debian12-gcc g++
    build debian12 debian12 debian12-clang16 clang++-16
    build debian12 debian12 debian12-clang19 clang++-19
    # Up to Boost 1.90 at least, Asio does not wait for the kernel when a context is destroyed with
    # outstanding operations, and the kernel writes into freed memory. These two tests destroy
    # servers in that way after thousands of requests.
    build debian12 debian12 debian12-io_uring g++ \
        --without 'integration/(soak|stale_connections)' "${io_uring[@]}"
fi
if wants debian13 debian13-{gcc,clang19} &&
    linux_root debian13 trixie amd64 90 "${common_packages[@]}" "${default_boost[@]}" clang-19; then
    build debian13 debian13 debian13-gcc g++
    build debian13 debian13 debian13-clang19 clang++-19
fi
if wants debian13 debian13-boost1.88 &&
    linux_root debian13-boost1.88 trixie amd64 90 "${common_packages[@]}" "${boost_1_88[@]}"; then
    build debian13 debian13-boost1.88 debian13-boost1.88 g++
fi
# Sid changes, so its root is made again each day. Its default Clang is not its newest.
# shellcheck disable=SC2016 # the shell in the root gives the variables their values
newest_clang='
    version=$(apt-cache search --names-only "^clang-[0-9]+\$" | sed "s/^clang-\([0-9]*\).*/\1/" | sort -n | tail -n 1)
    apt-get -qq -y --no-install-recommends install "clang-$version" "libc++-$version-dev" "libc++abi-$version-dev"
    ln -s "/usr/bin/clang++-$version" /usr/local/bin/clang++'
if wants sid sid-{gcc,clang,io_uring} &&
    root_commands=$newest_clang linux_root sid sid amd64 1 "${common_packages[@]}" "${default_boost[@]}" liburing-dev; then
    build sid sid sid-gcc g++
    build sid sid sid-clang clang++
    build sid sid sid-io_uring g++ "${io_uring[@]}"
fi
if wants sid sid-boost1.90 && linux_root sid-boost1.90 sid amd64 1 "${common_packages[@]}" "${boost_1_90[@]}"; then
    build sid sid-boost1.90 sid-boost1.90 g++
fi
for cell in i386 arm64 s390x windows; do
    if wants "$cell"; then
        row "$cell" "scripts/matrix/$cell.sh"
    fi
done

printf '\n| row | compiler | libraries | steps | tests passed of all | result | seconds |\n|---|---|---|---|---|---|---|\n'
printf '%s\n' "${rows[@]}"
printf 'NOTICE: %s\n' "${notices[@]+"${notices[@]}"}" | grep -v '^NOTICE: $'
exit "$status"

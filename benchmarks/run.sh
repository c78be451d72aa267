#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Compares this library with libcurl, net/http of Go, undici, a hand-written
# client on Beast, and wrk, on a Debian 12 without other packages. The clients
# run one after the other, in a different order in each round. Client and server
# have their own CPU if there are at least two.
#
#   benchmarks/run.sh [--rounds N] [--quick] [--clients NAME...] [--output DIRECTORY] [ROW...]
#
# Without ROW everything is measured, which takes about a quarter of an hour,
# and benchmarks/results/ is written: results.json, results.md and the plots.
# The results of single rows are written to build/benchmarks/results/ instead.
# --help lists the rows; a part of a name selects all rows that contain it.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

{
    install_packages "${library_packages[@]}" "${tool_packages[@]}" "${benchmark_packages[@]}"
    # Debian's npm conflicts with a Node from another source, which includes npm.
    if ! command -v node >/dev/null; then
        install_packages nodejs npm
    elif ! command -v npm >/dev/null; then
        install_packages npm
    fi

    export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
    cmake --preset release
    cmake --build --preset release --target load_tools
    mkdir -p build/benchmarks
    (cd benchmarks/load_go && go build -o ../../build/benchmarks/load-go .)
    if [[ ! benchmarks/load_undici/node_modules/.package-lock.json -nt benchmarks/load_undici/package-lock.json ]]; then
        npm ci --prefix benchmarks/load_undici --no-audit --no-fund
    fi
} >&2

ulimit -n "$(ulimit -Hn)" # 512 connections and more
PYTHONDONTWRITEBYTECODE=1 exec python3 benchmarks/run.py "$@"

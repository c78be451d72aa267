#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Measures this library and what else one would pick, side by side, on a Debian
# 12 that needs nothing else: libcurl, net/http of Go, undici, a client written
# by hand on Beast, and wrk. One run of a client after the other, each round in
# another order, client and server on a CPU of their own where there are two.
#
#   benchmarks/run.sh [--rounds N] [--quick] [--clients NAME...] [--output DIRECTORY] [ROW...]
#
# Without ROW everything is measured, which takes about a quarter of an hour,
# and benchmarks/results/ is written: results.json, results.md and the plots.
# A part of it all is written to build/benchmarks/results/ instead. --help
# names the rows; a part of a name stands for all that have it.

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

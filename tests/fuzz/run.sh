#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Builds the fuzzers and runs each of them, on a Debian 12 without other
# packages.
#
#   tests/fuzz/run.sh [SECONDS [TARGET...]]
#
# SECONDS, 10 by default, is the time for each target; with 0 only the inputs in
# tests/fuzz/corpus are run. TARGET is the name of a file in tests/fuzz without
# its extension; all of them are run by default. It fails if there is a finding,
# which is stored in build/fuzz/findings: the fuzzer reproduces it if the file
# is its argument.
#
# Each run begins with the inputs in tests/fuzz/corpus. Inputs that reach more
# code are stored in build/fuzz/corpus, and the next run begins with those as
# well.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup.sh

seconds=${1:-10}
shift $(($# > 0))

install_packages "${library_packages[@]}" "${clang_packages[@]}"
cmake --preset fuzz
cmake --build --preset fuzz

targets=("$@")
if ((${#targets[@]} == 0)); then
    for file in tests/fuzz/*.cpp; do
        targets+=("$(basename "$file" .cpp)")
    done
fi

# The sanitizers of this compiler fail with full address space randomisation.
build=build/fuzz
mkdir -p "$build/findings"
summary=()
status=0
for target in "${targets[@]}"; do
    corpus=$build/corpus/$target
    log=$build/findings/$target.log
    mkdir -p "$corpus"
    inputs=("$corpus" "tests/fuzz/corpus/$target")
    limits=(-max_total_time="$seconds")
    if ((seconds == 0)); then
        # Mutations depend on timing: only recorded inputs are the same each time, and a change must
        # not fail for a finding by chance.
        inputs=("tests/fuzz/corpus/$target")
        limits=(-runs=0)
    fi
    options=("${limits[@]}" -timeout=20 -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1
        -verbosity=1 -artifact_prefix="$build/findings/$target-")
    case $target in
        exchange | tls) options+=(-dict=tests/fuzz/dictionaries/http.dict) ;;
        models | error_bodies) options+=(-dict=tests/fuzz/dictionaries/json.dict) ;;
    esac
    result=passed
    if ! "${fixed_layout[@]}" nice "$build/tests/fuzz/fuzz_$target" "${options[@]}" \
        "${inputs[@]}" >"$log" 2>&1; then
        result=FAILED
        status=1
        tail -n 40 "$log"
    fi
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    summary+=("$(printf '%-14s %-6s %10d executions, %d inputs' "$target" "$result" "${executions:-0}" \
        "$(find "${inputs[@]}" -type f | wc -l)")")
    echo "${summary[-1]}"
done

printf '\n===== fuzzing\n'
printf '%s\n' "${summary[@]}"
exit "$status"

#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Measures the memory that the client takes to transfer images of 1 MiB to 16
# GiB, up and down, from and to files and streams. Prints a table, and fails if
# the peak varies by more than 1 MiB, or is 24 MiB or more.
#
#   benchmarks/memory.sh [SIZE...]
#
# Downloaded files are written to $TMPDIR, which needs space for the largest
# size.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

sizes=("$@")
if ((${#sizes[@]} == 0)); then
    sizes=(1MiB 100MiB 4GiB 16GiB)
fi

{
    install_packages "${library_packages[@]}" "${tool_packages[@]}" "${test_packages[@]}"
    cmake --preset release
    cmake --build --preset release --target memory
} >&2

printf '| transfer | size | peak of resident memory, KiB | seconds |\n|---|---:|---:|---:|\n'
status=0
for direction in up down; do
    for kind in file stream; do
        least=
        for size in "${sizes[@]}"; do
            read -r _ _ _ peak seconds < <(build/release/benchmarks/memory "$direction" "$kind" "$size")
            printf '| %s, %s | %s | %d | %.1f |\n' "$direction" "$kind" "$size" "$peak" "$seconds"
            least=${least:-$peak}
            if ((peak < least)); then
                least=$peak
            fi
            if ((peak - least > 1024 || peak >= 24 * 1024)); then
                status=1
            fi
        done
    done
done
if ((status != 0)); then
    echo 'The memory is not flat to within 1 MiB, or not under 24 MiB.' >&2
fi
exit "$status"

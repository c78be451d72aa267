#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Runs the two commands of the README in a minimal Debian root, on the committed
# files.
#
#   scripts/matrix/fresh.sh SUITE
#
# The compiler cache of the cell of that name is used, if there is one.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup.sh
source scripts/matrix/root.sh

suite=$1
cell=$(case $suite in bookworm) echo debian12 ;; trixie) echo debian13 ;; *) echo "$suite" ;; esac)
name=fresh-$suite
rm -f "$roots_dir/$name.stamp"
make_root "$name" "$suite" amd64 1 ca-certificates
trap 'as_root rm -rf "$roots_dir/$name" "$roots_dir/$name.stamp"' EXIT

checkout=$(mktemp --directory)
trap 'as_root rm -rf "$roots_dir/$name" "$roots_dir/$name.stamp" "$checkout"' EXIT
git clone --quiet . "$checkout"
cd "$checkout"
run() {
    local begin=$SECONDS
    if in_root "$name" "$@"; then
        echo "fresh $suite: $* ok $((SECONDS - begin))"
    else
        echo "fresh $suite: $* FAILED $((SECONDS - begin))"
        return 1
    fi
}
ccache_name=$cell run examples/demo.sh
ccache_name=$cell run tests/run.sh

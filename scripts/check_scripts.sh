#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Checks everything but the C++: shell with shellcheck, Go with go vet, and the
# syntax of Python and JavaScript. Checks too that the tables of the benchmarks are
# those of the kept figures, and that ctags finds the functions of the library.
# Needs a Debian 12 and nothing else. A finding fails it.

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
source scripts/setup.sh

# Node from another source is accepted.
packages=("${script_packages[@]}")
if ! command -v node >/dev/null; then
    packages+=(nodejs)
fi
install_packages "${packages[@]}" || exit

status=0

# By the first line, as not all have an extension.
mapfile -d '' -t shell < <(git grep -lzE '^#!.*(bash|/sh)$|^# shellcheck shell=')
shellcheck --external-sources "${shell[@]}" || status=1

mapfile -d '' -t python < <(git ls-files -z '*.py')
PYTHONPYCACHEPREFIX=$PWD/build/pycache python3 -m py_compile "${python[@]}" || status=1
PYTHONDONTWRITEBYTECODE=1 python3 benchmarks/run.py --check || status=1

while IFS= read -r -d '' file; do
    node --check "$file" || status=1
done < <(git ls-files -z '*.mjs')

(cd benchmarks/load_go && go vet ./...) || status=1

# Editors with ctags need no compiler to find the definitions: .ctags.d maps *.ipp.
definitions=include/cyclos/detail/net/impl/pool.ipp
functions=$(ctags -x --c++-kinds=f "$definitions" | grep -vc '^__anon')
if ((functions < $(grep -c '^CYCLOS_DECL' "$definitions"))); then
    echo "ctags finds $functions functions in $definitions, which contains more" >&2
    status=1
fi

exit "$status"

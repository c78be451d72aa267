#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Builds the documentation site into build/docs/html, on a Debian 12 without
# other packages. A warning or a dead link fails it, on the site or in the
# Markdown files.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

install_packages doxygen git

version_part() {
    sed -n "s/^#define CYCLOS_IMAGES_VERSION_$1 //p" include/cyclos/version.hpp
}
CYCLOS_IMAGES_VERSION=$(version_part MAJOR).$(version_part MINOR).$(version_part PATCH)
export CYCLOS_IMAGES_VERSION

# Renamed pages would remain.
rm -rf build/docs
mkdir -p build
doxygen docs/Doxyfile

status=0

# check_links FILE: reads its relative links, one per line.
check_links() {
    local link
    while IFS= read -r link; do
        if [[ $link =~ ^(https?|mailto|javascript): ]]; then
            continue
        fi
        if [[ ! -e ${1%/*}/$link ]]; then
            echo "$1: dead link: $link" >&2
            status=1
        fi
    done
}

while IFS= read -r -d '' file; do
    # A lambda in a code block looks like a link.
    check_links "./$file" < <(awk '/^```/ { code = !code } !code' "$file" | grep -oP '\]\(\K[^)#\s]+')
done < <(git ls-files -z '*.md')
for page in build/docs/html/{index,md_*}.html; do
    check_links "$page" < <(grep -oP '(?:href|src|data)="\K[^"#]+' "$page" | sort -u)
done

if ((status == 0)); then
    echo "The documentation: $PWD/build/docs/html/index.html"
fi
exit "$status"

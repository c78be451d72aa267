#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Builds the documentation site into build/docs/html, on a Debian 12 without
# other packages, and without a network once Doxygen is installed. It fails on a
# warning, on a link to a file that does not exist (on the site, or in the
# Markdown files as a forge shows them), on a page that is not in the sidebar, and
# if the path of the checkout is in the site.

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

site=build/docs/html
# Doxygen embeds a picture as a document of its own, which cannot be scaled, and
# makes links of examples of URLs, and of http::exchange().
picture='<object type="image/svg\+xml" data="([^"]+)"[^>]*></object>'
caption='\n<div class="caption">\n([^<]*)</div>'
example='<code>([^<]*)<a href="(https?:[^"]*)">\2</a>'
sed -Ezi -e "s|$picture$caption|<img src=\"\1\" alt=\"\2\"/>\n<div class=\"caption\">\n\2</div>|g" \
    -e "s|$example|<code>\1\2|g" "$site"/*.html
# The results of a search are pages of their own, without the style sheet of the site.
sed -i 's|</head>|<link rel="stylesheet" type="text/css" href="../site.css"/></head>|' \
    "$site"/search/*.html

status=0

# check_links FILE: reads its relative links, one per line.
check_links() {
    local link
    while IFS= read -r link; do
        if [[ $link =~ ^(https?://|mailto:|javascript:) ]]; then
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
for page in "$site"/{index,md_*,{class,struct}cyclos_1_1sandbox_1_1*}.html; do
    if [[ $page == *-members.html ]]; then
        continue
    fi
    check_links "$page" < <(grep -oP '(?:href|src|data)="\K[^"#]+' "$page" | sort -u)
    if ! grep -qF "url:\"${page##*/}\"" "$site/menudata.js"; then
        echo "docs/DoxygenLayout.xml: ${page##*/} is not in the sidebar" >&2
        status=1
    fi
done
# Markdown that Doxygen took for text.
if grep -nF '**' "$site"/{index,md_*}.html >&2; then
    echo "There are asterisks in these pages" >&2
    status=1
fi
check_links "$site/menudata.js" < <(grep -oP 'url:"\K[^"#]+' "$site/menudata.js")

# As it is, and as a part of the name of a page, which has no other characters.
if grep -rlE "(^|[^[:alnum:]_./-])$PWD/|md_${PWD//[^[:alnum:]]/_}_" "$site" >&2; then
    echo "These files contain the path of this checkout, $PWD" >&2
    status=1
fi

if ((status == 0)); then
    echo "The documentation: $PWD/$site/index.html"
fi
exit "$status"

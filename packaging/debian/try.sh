#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Installs the packages with apt into a minimal Debian, and uses them there.
# Needs a mirror, a run of build.sh before, and some minutes.
#
#   packaging/debian/try.sh [SUITE [MIRROR]]
#
# SUITE is that of this system by default, as packages are built for one suite.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup.sh

suite=${1:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
mirror=${2:-http://deb.debian.org/debian}

install_packages "${library_packages[@]}" "${tool_packages[@]}" "${test_packages[@]}" mmdebstrap

# The program that runs the example against the embedded server is copied too.
cmake --preset dev
cmake --build --preset dev --target run_against_server

folder=$(mktemp --directory)
trap 'rm -r "$folder"' EXIT
mkdir "$folder/trial"
cp -r build/deb/packages/*.deb build/dev/tests/run_against_server packaging/debian/in_clean_root.sh \
    tests/consumers/install tests/consumers/sandbox "$folder/trial/"
cmake -D MARKDOWN="$PWD/README.md" -D OUTPUT="$folder/trial/first_example.cpp" -P tests/consumers/first_example.cmake

# mmdebstrap removes the root when it ends, in any case; nothing is kept.
# shellcheck disable=SC2016 # it is mmdebstrap that gives $1 a value
mmdebstrap --variant=apt \
    --customize-hook="copy-in '$folder/trial' /root" \
    --customize-hook='chroot "$1" bash /root/trial/in_clean_root.sh' \
    "$suite" /dev/null "$mirror"
echo 'The packages work in a clean root.'

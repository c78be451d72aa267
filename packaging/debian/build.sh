#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Builds the packages libcyclos-images-dev, libcyclos-images-sandbox-dev and
# cyclos-images for the Debian that it runs on, which needs no other packages
# installed. They are in build/deb/packages.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup.sh

install_packages "${library_packages[@]}" "${tool_packages[@]}" dpkg-dev

# Packages of other versions would remain.
rm -rf build/deb/packages
cmake --preset deb
cmake --build --preset deb
cpack --preset deb

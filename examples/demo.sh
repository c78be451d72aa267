#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Builds the command-line tool, prints its path, and runs its demo: all operations
# over TLS, against the embedded server. Requires Debian 12.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

install_packages "${library_packages[@]}" "${tool_packages[@]}"

cmake --preset tool
cmake --build --preset tool

tool=$PWD/build/tool/examples/cyclos-images
echo "The tool: $tool"
exec "$tool" demo "$@"

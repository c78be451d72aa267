#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The cell i386: Debian 12 with 32 bits, which the kernel of a 64-bit PC runs
# natively. Everything is built with warnings as errors, and all unit and
# integration tests run.
#
#   scripts/matrix/i386.sh

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup.sh
source scripts/matrix/root.sh

root=debian12-i386
install_packages arch-test # mmdebstrap asks it whether the kernel runs 32-bit programs
read -ra boost <<<"$(boost_packages 1.81)"
make_root "$root" bookworm i386 90 "${build_packages[@]}" "${boost[@]}" "${tool_packages[@]}" "${test_packages[@]}" \
    nodejs npm openssl
in_root "$root" scripts/matrix/native.sh i386 g++ tests

#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The cell s390x, a big-endian processor: unit tests and the tool's demo.
#
#   scripts/matrix/s390x.sh

exec "$(dirname "${BASH_SOURCE[0]}")/cross.sh" s390x s390x

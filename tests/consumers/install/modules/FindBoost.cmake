#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# CMake's own module of this name does not exist in later versions.
message(FATAL_ERROR "The package looks for Boost by FindBoost, and not by Boost's own package")

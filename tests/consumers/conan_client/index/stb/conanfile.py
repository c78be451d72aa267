#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

import os

from conan import ConanFile


class SystemStb(ConanFile):
    name = "stb"

    def package_info(self):
        self.cpp_info.includedirs = [os.environ["STB_INCLUDE_DIR"]]
        self.cpp_info.libdirs = self.cpp_info.bindirs = []

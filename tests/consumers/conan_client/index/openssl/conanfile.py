#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

from conan import ConanFile


class SystemOpenSSL(ConanFile):
    name = "openssl"
    settings = "os", "arch", "compiler", "build_type"

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "OpenSSL")
        for name, target in {"ssl": "SSL", "crypto": "Crypto"}.items():
            component = self.cpp_info.components[name]
            component.set_property("cmake_target_name", f"OpenSSL::{target}")
            component.includedirs = component.libdirs = component.bindirs = []
            component.system_libs = [name]

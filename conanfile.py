#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeToolchain, CMakeDeps, cmake_layout
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.0"


class CyclosImages(ConanFile):
    name = "cyclos-images"
    description = "Asynchronous C++20 client library for the image endpoints of the Cyclos REST API"
    license = "BSL-1.0"
    author = "The cyclos-images authors"
    url = "https://cyclos-images.invalid"
    homepage = "https://cyclos-images.invalid"
    topics = ("cyclos", "asio", "http-client", "header-only")
    settings = "os", "arch", "compiler", "build_type"
    options = {"sandbox": [True, False], "tool": [True, False]}
    default_options = {"sandbox": False, "tool": False}
    options_description = {
        "sandbox": "The embedded server, for the tests of services",
        "tool": "The command-line tool",
    }
    exports_sources = (
        "CMakeLists.txt", "LICENSE", "cmake/*", "include/*", "examples/CMakeLists.txt", "examples/cyclos-images/*",
        "tests/sandbox/*",
    )
    no_copy_source = True

    @property
    def _compiles(self):
        return bool(self.options.sandbox or self.options.tool)

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, "include", "cyclos", "version.hpp"))
        self.version = ".".join(re.findall(r"define CYCLOS_IMAGES_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))

    def configure(self):
        if self.options.tool:
            self.package_type = "unknown"  # a library and a program
        elif self.options.sandbox:
            self.package_type = "static-library"
        else:
            self.package_type = "header-library"

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        # The headers of both are part of the interface.
        self.requires("boost/[>=1.81.0]", transitive_headers=True, transitive_libs=True)
        self.requires("openssl/[>=3 <4]", transitive_headers=True, transitive_libs=True)

    def build_requirements(self):
        # Header-only build dependencies, which are not visible to users of the package.
        if self._compiles:
            self.test_requires("stb/cci.20240213")
        if self.options.tool:
            self.test_requires("cli11/[>=2.1 <3]")

    def validate(self):
        # Nothing is compiled for the headers: they may be packaged with any profile, and refuse an older standard
        # themselves where they are included.
        if self._compiles:
            check_min_cppstd(self, 20)
        if self.options.sandbox and self.settings.os not in ("Linux", "FreeBSD"):
            raise ConanInvalidConfiguration("the embedded server is linked by tools of GNU, for ELF")

    def package_id(self):
        if not (self.info.options.sandbox or self.info.options.tool):
            self.info.clear()

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["CYCLOS_IMAGES_INSTALL_SANDBOX"] = bool(self.options.sandbox)
        toolchain.cache_variables["CYCLOS_IMAGES_INSTALL_TOOL"] = bool(self.options.tool)
        toolchain.user_presets_path = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        if self._compiles:
            cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        # Conan generates the files for CMake and pkg-config, and has its own folder for licences.
        for folder in ("cmake", "doc", "pkgconfig"):
            rmdir(self, os.path.join(self.package_folder, "share", folder))
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "cyclos-images")

        images = self.cpp_info.components["images"]
        images.set_property("cmake_target_name", "cyclos::images")
        images.set_property("pkg_config_name", "cyclos-images")
        images.bindirs = ["bin"] if self.options.tool else []
        images.libdirs = []
        images.requires = ["boost::headers", "boost::json", "boost::url", "openssl::ssl", "openssl::crypto"]
        images.system_libs = self._system_libs()

        if self.options.sandbox:
            sandbox = self.cpp_info.components["sandbox"]
            sandbox.set_property("cmake_target_name", "cyclos::sandbox")
            sandbox.set_property("pkg_config_name", "cyclos-images-sandbox")
            sandbox.libs = ["cyclos_sandbox"]
            sandbox.bindirs = []
            sandbox.requires = ["boost::json", "openssl::ssl", "openssl::crypto"]
            sandbox.system_libs = self._system_libs()

    def _system_libs(self):
        if self.settings.os in ("Linux", "FreeBSD"):
            return ["pthread"]
        if self.settings.os == "Windows":
            return ["ws2_32", "mswsock", "crypt32"]
        return []

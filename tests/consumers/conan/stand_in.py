#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

"""The parts of Conan 2 that the recipes use, with the real CMake.

It tests the actions of a recipe, not how Conan uses them: no dependency is
searched, and CMakeDeps generates nothing, as all dependencies are in the
system.
"""

import collections
import os
import pathlib
import shutil
import subprocess
import sys
import types


class ConanFile:
    """The state that Conan keeps for a recipe, and the functions that recipes call."""

    name = version = None
    exports_sources = ()
    generators = ()

    def __init__(self, recipe_folder, source_folder, build_folder, package_folder):
        self.recipe_folder = str(recipe_folder)
        self.source_folder = str(source_folder)
        self.build_folder = str(build_folder)
        self.package_folder = str(package_folder)
        # As in the profile that Conan detects for GCC 12.
        self.settings = types.SimpleNamespace(
            os="Linux", build_type="Debug", compiler=types.SimpleNamespace(cppstd="gnu17"))
        self.options = types.SimpleNamespace(**getattr(self, "default_options", {}))
        self.cpp = types.SimpleNamespace(build=types.SimpleNamespace(bindir=self.build_folder))
        self.cpp_info = _CppInfo()
        self.info = _Info(self.options)
        self.required = {}
        self.cache_variables = {}

    def requires(self, reference, **traits):
        name, version = reference.split("/")
        self.required[name] = (version, traits)

    def test_requires(self, reference):
        raise AssertionError(f"headers need no {reference}")

    def run(self, command, env=""):
        assert env == "conanrun", env
        subprocess.run(command, shell=True, check=True)


class _CppInfo:
    def __init__(self):
        self.properties = {}
        self.components = collections.defaultdict(_CppInfo)
        self.bindirs, self.libdirs = ["bin"], ["lib"]

    def set_property(self, name, value):
        self.properties[name] = value


class _Info:
    cleared = False

    def __init__(self, options):
        self.options = options

    def clear(self):
        self.cleared = True


class CMake:
    def __init__(self, recipe):
        self.recipe = recipe

    def configure(self):
        variables = {"CMAKE_BUILD_TYPE": self.recipe.settings.build_type, **self.recipe.cache_variables}
        subprocess.run(
            ["cmake", "-G", os.environ["GENERATOR"], "-S", self.recipe.source_folder, "-B", self.recipe.build_folder]
            + [f"-DCMAKE_CXX_COMPILER={os.environ['CXX_COMPILER']}"]
            + [f"-D{name}={_as_cmake(value)}" for name, value in variables.items()],
            check=True,
        )

    def build(self):
        subprocess.run(["cmake", "--build", self.recipe.build_folder], check=True)

    def install(self):
        subprocess.run(
            ["cmake", "--install", self.recipe.build_folder, "--prefix", self.recipe.package_folder], check=True)


def _as_cmake(value):
    return {True: "ON", False: "OFF"}.get(value, value)


class CMakeToolchain:
    def __init__(self, recipe):
        self.recipe = recipe
        self.cache_variables = {}
        self.user_presets_path = "CMakeUserPresets.json"

    def generate(self):
        self.recipe.cache_variables.update(self.cache_variables)
        self.recipe.user_presets_path = self.user_presets_path


class CMakeDeps:
    def __init__(self, recipe):
        pass

    def generate(self):
        pass


def cmake_layout(recipe, build_folder="build"):
    assert isinstance(recipe, ConanFile)
    recipe.build_folder_argument = build_folder


def check_min_cppstd(recipe, standard):
    assert int(recipe.settings.compiler.cppstd.removeprefix("gnu")) >= standard


def can_run(recipe):
    return True


def load(recipe, path):
    return pathlib.Path(path).read_text(encoding="utf-8")


def copy(recipe, pattern, source, destination):
    files = sorted(pathlib.Path(source).glob(pattern))
    assert files, pattern
    os.makedirs(destination, exist_ok=True)
    for file in files:
        shutil.copy2(file, destination)


def rmdir(recipe, path):
    shutil.rmtree(path, ignore_errors=True)


class ConanInvalidConfiguration(Exception):
    pass


def provide():
    """Lets recipes import the classes above under Conan's names."""
    names = {
        "conan": [ConanFile],
        "conan.errors": [ConanInvalidConfiguration],
        "conan.tools": [],
        "conan.tools.build": [can_run, check_min_cppstd],
        "conan.tools.cmake": [CMake, CMakeDeps, CMakeToolchain, cmake_layout],
        "conan.tools.files": [copy, load, rmdir],
    }
    for name, members in names.items():
        module = types.ModuleType(name)
        for member in members:
            setattr(module, member.__name__, member)
        sys.modules[name] = module

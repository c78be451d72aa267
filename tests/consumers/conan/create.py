#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

"""Does what `conan create` does with the two recipes, with a stand-in for Conan.

    create.py CHECKOUT VERSION WORK_DIR

The package is laid out in WORK_DIR/library.
"""

import importlib.util
import pathlib
import shutil
import sys

import stand_in


def recipe_of(file):
    spec = importlib.util.spec_from_file_location(file.parent.name, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = [value for value in vars(module).values() if isinstance(value, type) and value is not stand_in.ConanFile
             and issubclass(value, stand_in.ConanFile)]
    assert len(found) == 1, found
    return found[0]


def export_sources(recipe, checkout, folder):
    """A recipe is built from what it exports and nothing else."""
    for pattern in recipe.exports_sources:
        matches = list(checkout.glob(pattern))
        assert matches, f"the recipe exports {pattern}, and there is none"
        for match in matches:
            target = folder / match.relative_to(checkout)
            target.parent.mkdir(parents=True, exist_ok=True)
            if match.is_dir():
                shutil.copytree(match, target)
            else:
                shutil.copy2(match, target)


def create(checkout, version, work_dir):
    kind = recipe_of(checkout / "conanfile.py")
    export_sources(kind, checkout, work_dir / "source")
    recipe = kind(checkout, work_dir / "source", work_dir / "recipe_build", work_dir / "library")
    recipe.set_version()
    assert recipe.version == version, recipe.version
    recipe.requirements()
    assert set(recipe.required) == {"boost", "openssl"}, recipe.required
    for step in (recipe.validate, recipe.layout, recipe.generate, recipe.build, recipe.package, recipe.package_id,
                 recipe.package_info):
        step()

    assert recipe.info.cleared, "packages of headers are the same for all settings"
    assert not recipe.cpp_info.libdirs and not recipe.cpp_info.bindirs
    assert recipe.cpp_info.properties["cmake_file_name"] == "cyclos-images"
    assert recipe.cpp_info.properties["cmake_target_name"] == "cyclos::images"
    for component in recipe.cpp_info.requires:
        assert component.split("::")[0] in recipe.required, component
    package = work_dir / "library"
    assert (package / "licenses" / "LICENSE").is_file()
    assert (package / "include" / "cyclos" / "images.hpp").is_file()
    assert {entry.name for entry in package.iterdir()} == {"include", "licenses", "share"}


def test(checkout, version, work_dir):
    recipe = recipe_of(checkout / "test_package" / "conanfile.py")(
        checkout / "test_package", checkout / "test_package", work_dir / "test_build", None)
    recipe.tested_reference_str = f"cyclos-images/{version}"
    recipe.cache_variables["CMAKE_PREFIX_PATH"] = str(work_dir / "library")
    recipe.requirements()
    assert set(recipe.required) == {"cyclos-images"}
    for step in (recipe.layout, recipe.build, recipe.test):
        step()


if __name__ == "__main__":
    stand_in.provide()
    arguments = (pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]))
    create(*arguments)
    test(*arguments)

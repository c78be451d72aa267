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
    """Recipes are built from their exported files only."""
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
    for attribute in ("url", "homepage", "author"):
        assert getattr(recipe, attribute), f"the recipe does not say its {attribute}"
    recipe.configure()
    assert recipe.package_type == "header-library"
    recipe.requirements()
    recipe.build_requirements()
    assert set(recipe.required) == {"boost", "openssl"}, recipe.required
    for step in (recipe.validate, recipe.layout, recipe.generate, recipe.build, recipe.package, recipe.package_id,
                 recipe.package_info):
        step()

    assert recipe.info.cleared, "packages of headers are the same for all settings"
    assert recipe.cpp_info.properties["cmake_file_name"] == "cyclos-images"
    assert set(recipe.cpp_info.components) == {"images"}
    images = recipe.cpp_info.components["images"]
    assert not images.libdirs and not images.bindirs
    assert images.properties["cmake_target_name"] == "cyclos::images"
    assert images.properties["pkg_config_name"] == "cyclos-images"
    for component in images.requires:
        assert component.split("::")[0] in recipe.required, component
    package = work_dir / "library"
    assert (package / "licenses" / "LICENSE").is_file()
    assert (package / "include" / "cyclos" / "images.hpp").is_file()
    files = {file.relative_to(package).parts[0] for file in package.rglob("*") if file.is_file()}
    assert files == {"include", "licenses"}, "the package contains the headers and the licenses only"


def generated_by_deps(work_dir):
    """Generates the files of CMakeDeps for the package, so that find_package finds it."""
    folder = work_dir / "generators"
    folder.mkdir(exist_ok=True)
    (folder / "cyclos-images-config.cmake").write_text(f"""
include(CMakeFindDependencyMacro)
find_dependency(Boost CONFIG COMPONENTS json url)
find_dependency(OpenSSL)
find_dependency(Threads)
if(NOT TARGET cyclos::images)
    add_library(cyclos::images INTERFACE IMPORTED)
    target_include_directories(cyclos::images INTERFACE "{work_dir}/library/include")
    target_link_libraries(cyclos::images INTERFACE
        Boost::headers Boost::json Boost::url OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
endif()
""", encoding="utf-8")
    return folder


def test(checkout, version, work_dir):
    recipe = recipe_of(checkout / "test_package" / "conanfile.py")(
        checkout / "test_package", checkout / "test_package", work_dir / "test_build", None)
    recipe.tested_reference_str = f"cyclos-images/{version}"
    recipe.cache_variables["CMAKE_PREFIX_PATH"] = str(generated_by_deps(work_dir))
    recipe.requirements()
    assert set(recipe.required) == {"cyclos-images"}
    for step in (recipe.layout, recipe.generate, recipe.build, recipe.test):
        step()
    assert recipe.build_folder_argument.startswith("../build/"), "build files belong in build/, which git ignores"
    assert recipe.user_presets_path is False, "CMakeUserPresets.json would be left in the checkout"


if __name__ == "__main__":
    stand_in.provide()
    arguments = (pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]))
    create(*arguments)
    test(*arguments)

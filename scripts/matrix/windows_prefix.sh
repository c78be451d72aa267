#!/usr/bin/env bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Makes a prefix with the dependencies for Windows for which Debian has no MinGW
# package: OpenSSL from Debian's source package; Boost, doctest, CLI11 and stb
# from Debian's development packages, whose headers are the same on every
# system. Prints the prefix on its last line. Existing parts are kept.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/setup.sh

install_packages g++-mingw-w64-x86-64-posix ccache make perl dpkg-dev debian-archive-keyring xz-utils ca-certificates

triplet=x86_64-w64-mingw32
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cyclos-images/windows
root=$cache/root
prefix=$root/usr
packages=$cache/packages
mkdir -p "$prefix" "$packages"

# --- Headers that are the same everywhere

header_packages=(libboost1.81-dev doctest-dev libcli11-dev libstb-dev)
for package in "${header_packages[@]}"; do
    if [[ ! -e $packages/$package.done ]]; then
        (cd "$packages" && apt-get -qq -o APT::Sandbox::User=root download "$package")
        dpkg-deb --extract "$packages/$package"_*.deb "$root"
        touch "$packages/$package.done"
    fi
done

# Some packages have absolute paths. The headers of this machine's own C library must not be used.
sed -i "s,set(_IMPORT_PREFIX \"/usr\"),set(_IMPORT_PREFIX \"$prefix\")," "$prefix"/lib/cmake/doctest/*.cmake

# --- Boost's two compiled libraries, and how CMake finds them

# Boost.URL has src.hpp up to version 1.82 only.
if [[ ! -e $prefix/include/boost/url/src.hpp ]]; then
    echo "windows_prefix.sh: this Boost has no <boost/url/src.hpp>; it takes 1.81 or 1.82" >&2
    exit 1
fi
boost_version=$(sed -n 's/^#define BOOST_LIB_VERSION "\(.*\)"/\1/p' "$prefix/include/boost/version.hpp" | tr _ .)
for library in json url; do
    archive=$prefix/lib/libboost_$library.a
    if [[ ! -e $archive ]]; then
        source=$packages/boost_$library.cpp
        printf '#include <boost/%s/src.hpp>\n' "$library" >"$source"
        "$triplet-g++-posix" -std=c++20 -O2 -DNDEBUG -Wa,-mbig-obj -I"$prefix/include" -c "$source" -o "$source.o"
        "$triplet-ar" rcs "$archive.part" "$source.o"
        mv "$archive.part" "$archive"
    fi
done

config=$prefix/lib/cmake/Boost
mkdir -p "$config"
cat >"$config/BoostConfig.cmake" <<END
set(Boost_VERSION $boost_version.0)
get_filename_component(boost_prefix "\${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET Boost::headers)
    add_library(Boost::headers INTERFACE IMPORTED)
    set_target_properties(Boost::headers PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "\${boost_prefix}/include")
    foreach(library json url)
        add_library(Boost::\${library} STATIC IMPORTED)
        set_target_properties(Boost::\${library} PROPERTIES
            IMPORTED_LOCATION "\${boost_prefix}/lib/libboost_\${library}.a"
            INTERFACE_LINK_LIBRARIES Boost::headers)
    endforeach()
endif()
END
cat >"$config/BoostConfigVersion.cmake" <<END
set(PACKAGE_VERSION $boost_version.0)
if(NOT PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION)
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
END

# --- OpenSSL

# fetch_openssl: downloads the newest source of OpenSSL of trixie from the mirror. Its list may
# contain files that are not there yet, or not any more.
fetch_openssl() {
    local apt=$cache/apt
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    local mirror=http://deb.debian.org/debian
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    : >"$apt/status"
    for suite in trixie trixie-updates; do
        echo "deb-src [signed-by=$keyring] $mirror $suite main"
    done >"$apt/sources.list"
    echo "deb-src [signed-by=$keyring] $mirror-security trixie-security main" >>"$apt/sources.list"
    cat >"$apt/apt.conf" <<END
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
APT::Sandbox::User "root";
END
    export APT_CONFIG=$apt/apt.conf
    apt-get -qq update
    local version
    for version in $(apt-cache showsrc --only-source openssl | sed -n 's/^Version: //p' | sort --version-sort --reverse --unique); do
        if apt-get -qq source --download-only "openssl=$version"; then
            dpkg-source --no-check --extract openssl_*.dsc openssl
            return 0
        fi
        rm -f openssl_*
    done
    echo "the mirror has no source of OpenSSL" >&2
    return 1
}

if [[ ! -e $packages/openssl.done ]]; then
    # In a subshell, for its folder and its variables.
    (
        # Lower optimisation halves the time; its ciphers are in assembler anyway.
        export CFLAGS=-O1
        build=$(mktemp --directory)
        trap 'rm -rf "$build"' EXIT
        cd "$build"
        fetch_openssl >&2
        cd openssl
        log=$cache/openssl.log
        {
            ./Configure mingw64 "--cross-compile-prefix=$triplet-" "--prefix=$prefix" --libdir=lib \
                no-shared no-tests no-apps no-docs &&
                make -j"$(nproc)" && make install_sw
        } >"$log" 2>&1 || { tail -n 20 "$log" >&2; exit 1; }
    )
    touch "$packages/openssl.done"
fi

echo "$prefix"

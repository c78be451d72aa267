# shellcheck shell=bash disable=SC2034
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Installs missing packages on Debian 12 and later, and on Ubuntu 24.04 and
# later; sourced by scripts that run in the root of the checkout. If nothing is
# missing it needs neither the network nor root.

# boost_packages [VERSION]: the names of Boost's packages, of the given version
# or the system's default.
boost_packages() {
    echo "libboost${1-}-dev libboost-json${1-}-dev libboost-url${1-}-dev"
}

# Debian 12 has 1.81 in addition to its default version, which is too old.
boost_version=
if [[ $(. /etc/os-release 2>/dev/null && echo "${ID-} ${VERSION_ID-}") == 'debian 12' ]]; then
    boost_version=1.81
fi

build_packages=(g++ cmake ninja-build ccache mold libssl-dev)
read -ra library_packages <<<"${build_packages[*]} $(boost_packages "$boost_version")"
tool_packages=(libcli11-dev libstb-dev)
test_packages=(
    doctest-dev nginx libnginx-mod-stream haproxy apache2-bin tinyproxy-bin libspdlog-dev ca-certificates pkgconf python3
)
benchmark_packages=(libcurl4-openssl-dev libbenchmark-dev golang-go wrk gnuplot-nox nginx openssl python3)
clang_packages=(clang-19 libclang-rt-19-dev llvm-19) # the last one for symbols in sanitizer reports

analysis_packages=(clang-tidy-19 cppcheck)
script_packages=(shellcheck python3 golang-go git universal-ctags)

# The command prefix for programs with a sanitizer: those of these compilers fail with full address
# space randomisation. Not every machine permits to disable it.
fixed_layout=()
if setarch --addr-no-randomize true 2>/dev/null; then
    fixed_layout=(setarch --addr-no-randomize)
fi

# The build of a script: without apt, its user continues from here.
preset=tool

explain_missing_apt() {
    local next="cmake --preset $preset && cmake --build --preset $preset"
    local needed='a C++20 compiler (GCC 12, Clang 16 or later), CMake 3.25, Ninja, Boost 1.81 or later, OpenSSL 3, CLI11, stb'
    if [[ $preset != tool ]]; then
        needed+=', doctest, spdlog, nginx, HAProxy, Apache, Tinyproxy, Node.js'
        next+=" && ctest --preset $preset"
    fi
    echo "This system has no apt-get. Install $needed; then run: $next" >&2
}

# install_packages PACKAGE...
install_packages() {
    if ! command -v apt-get >/dev/null; then
        explain_missing_apt
        exit 1
    fi
    local package
    local -a missing=()
    for package in "$@"; do
        # One line for each architecture of the package.
        if ! dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed; then
            missing+=("$package")
        fi
    done
    if ((${#missing[@]} == 0)); then
        return 0
    fi

    echo "Installing: ${missing[*]}"
    # In a subshell, so that the trap is local.
    (
        # Packages of servers start them at once, which a build must not do.
        policy=/usr/sbin/policy-rc.d
        if [[ ! -e $policy ]]; then
            printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
            as_root chmod 755 "$policy"
            trap 'as_root rm -f "$policy"' EXIT
        fi
        as_root apt-get -qq update &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
                -o DPkg::Lock::Timeout=300 install "${missing[@]}"
    )
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}

# Node from any source, and the modules of the test servers.
install_node_modules() {
    # Debian's npm conflicts with a Node from another source, which includes npm.
    if ! command -v node >/dev/null; then
        install_packages nodejs npm
    elif ! command -v npm >/dev/null; then
        install_packages npm
    fi
    local directory=tests/integration/node
    if [[ ! $directory/node_modules/.package-lock.json -nt $directory/package-lock.json ]]; then
        npm ci --prefix "$directory" --no-audit --no-fund
    fi
}

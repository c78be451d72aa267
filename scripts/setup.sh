# shellcheck shell=bash disable=SC2034
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Installs what is missing on Debian 12 and later, and on Ubuntu 24.04 and later;
# to be sourced by scripts that run in the root of the checkout. If nothing is
# missing it needs neither the network nor root.

# boost_packages [VERSION]: the names of Boost's packages, of the version that is the system's default or of another.
boost_packages() {
    echo "libboost${1-}-dev libboost-json${1-}-dev libboost-url${1-}-dev"
}

# Debian 12 has 1.81 beside its default version, which is too old.
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
clang_packages=(clang-19 libclang-rt-19-dev llvm-19) # the last for names in reports of sanitizers

analysis_packages=(clang-tidy-19 cppcheck)
script_packages=(shellcheck python3 golang-go git universal-ctags)

# What to run programs with that a sanitizer is in: those of these compilers lose
# their way in a layout that is too random. Not every machine lets us ask.
fixed_layout=()
if setarch --addr-no-randomize true 2>/dev/null; then
    fixed_layout=(setarch --addr-no-randomize)
fi

# What a script builds: where there is no apt, its user goes on from there by hand.
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
        # A line for each architecture that the package is known for.
        if ! dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed; then
            missing+=("$package")
        fi
    done
    if ((${#missing[@]} == 0)); then
        return 0
    fi

    echo "Installing: ${missing[*]}"
    # In a subshell, so that the trap is its own.
    (
        # A package of a server starts it at once, which a build has no business to do.
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

# Node, from wherever it is, and the modules of the test servers.
install_node_modules() {
    # Debian's npm does not go together with a Node from elsewhere, which brings its own.
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

# shellcheck shell=bash disable=SC2034
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Installs what is missing on a Debian 12; to be sourced by scripts that run in
# the root of the checkout. Where nothing is missing it neither needs the
# network nor root.

library_packages=(
    g++ cmake ninja-build ccache mold
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev
)
tool_packages=(libcli11-dev libstb-dev)
test_packages=(
    doctest-dev nginx libnginx-mod-stream haproxy apache2-bin tinyproxy-bin libspdlog-dev ca-certificates pkgconf python3
)
benchmark_packages=(libcurl4-openssl-dev libbenchmark-dev golang-go wrk gnuplot-nox nginx openssl python3)
clang_packages=(clang-19 libclang-rt-19-dev llvm-19) # the last for names in reports of sanitizers

analysis_packages=(clang-tidy-19 cppcheck)

# What to run programs with that a sanitizer is in: those of these compilers lose
# their way in a layout that is too random. Not every machine lets us ask.
fixed_layout=()
if setarch --addr-no-randomize true 2>/dev/null; then
    fixed_layout=(setarch --addr-no-randomize)
fi

# install_packages PACKAGE...
install_packages() {
    local package
    local -a missing=()
    for package in "$@"; do
        if [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
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

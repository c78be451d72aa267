# shellcheck shell=bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Roots of other systems, to build and test in; sourced after setup.sh, in the
# root of the checkout. Roots and their compiler caches are kept between runs,
# outside the checkout.

cache_dir=${XDG_CACHE_HOME:-$HOME/.cache}/cyclos-images
roots_dir=$cache_dir/roots
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

# make_root NAME SUITE ARCHITECTURE MAX_AGE PACKAGE...
#
# Makes the root NAME, unless there is one with the same packages that is not
# older than MAX_AGE days. If it cannot be made, an older one of that name is
# kept, and root_notice says so. The shell commands in root_commands, if any,
# run in the root after the installation of the packages.
make_root() {
    local name=$1 suite=$2 architecture=$3 max_age=$4
    shift 4
    local root=$roots_dir/$name stamp=$roots_dir/$name.stamp
    local contents="$suite $architecture $*${root_commands:+ $root_commands}"
    root_notice=
    if [[ -d $root && -e $stamp && $(<"$stamp") == "$contents" && -n $(find "$stamp" -mtime "-$max_age") ]]; then
        return 0
    fi

    install_packages mmdebstrap debian-archive-keyring
    mkdir -p "$roots_dir"
    echo "Making the root $name: $contents"
    as_root rm -rf --one-file-system "$root.new"
    # Its mounts end with it, even if it is interrupted. The release file of sid may have expired on
    # a mirror; its signature is still checked.
    if as_root unshare --mount --propagation private mmdebstrap --quiet --variant=apt --architectures="$architecture" \
        --aptopt='Acquire::Check-Valid-Until "false"' --dpkgopt=force-unsafe-io \
        --customize-hook="chroot \"\$1\" sh -ec '${root_commands:-true}'" \
        --include="$(IFS=,; echo "$*")" "$suite" "$root.new" "deb $mirror $suite main"; then
        as_root rm -rf --one-file-system "$root"
        as_root mv "$root.new" "$root"
        # Debian's installer writes this file, and mmdebstrap does not in every version.
        if [[ ! -e $root/etc/hosts ]]; then
            printf '127.0.0.1 localhost\n::1 localhost\n' | as_root tee "$root/etc/hosts" >/dev/null
        fi
        echo "$contents" >"$stamp"
        return 0
    fi
    as_root rm -rf --one-file-system "$root.new"
    root_notice="the root $name could not be made anew"
    if [[ -d $root && -e $stamp ]]; then
        root_notice+=": used the one of $(date --reference="$stamp" +%F)"
        return 0
    fi
    return 1
}

# in_root NAME COMMAND...
#
# Runs a command in a root, in the checkout, which is mounted at /checkout. Its mounts are private
# and end with it. The compiler cache is that of the root, or of ccache_name.
in_root() {
    local name=$1
    shift
    local root=$roots_dir/$name ccache=$cache_dir/ccache-${ccache_name:-$name}
    mkdir -p "$ccache"
    # shellcheck disable=SC2016 # the shell inside gives the parameters their values
    as_root unshare --mount --propagation private --fork --pid --kill-child sh -ec '
        root=$1 checkout=$2 ccache=$3
        shift 3
        mkdir -p "$root/checkout" "$root/ccache"
        mount --bind "$checkout" "$root/checkout"
        mount --bind "$ccache" "$root/ccache"
        mount --rbind /dev "$root/dev"
        mount -t proc proc "$root/proc"
        mount -t tmpfs tmpfs "$root/tmp"
        # npm must trust a TLS proxy between the host and the registry, if there is one.
        cat /etc/ssl/certs/ca-certificates.crt >"$root/tmp/authorities-of-host.crt" || true
        exec chroot "$root" env --chdir=/checkout --ignore-environment HOME=/root LANG=C.UTF-8 \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
            CCACHE_DIR=/ccache CCACHE_MAXSIZE=3G CCACHE_BASEDIR=/checkout CCACHE_NOHASHDIR=1 \
            NODE_EXTRA_CA_CERTS=/tmp/authorities-of-host.crt "$@"
    ' sh "$root" "$PWD" "$ccache" "$@"
}

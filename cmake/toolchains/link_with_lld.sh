#!/bin/sh
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# Run by `g++ -wrapper` instead of GCC's collect2, with its arguments: runs LLD
# with all of them except those of GCC's plugin. Debian's MinGW is built for GNU
# ld, and ignores -fuse-ld=lld.

shift
count=$#
while [ "$count" -gt 0 ]; do
    case $1 in
    -plugin)
        shift
        count=$((count - 1))
        ;;
    -plugin-opt=*) ;;
    *) set -- "$@" "$1" ;;
    esac
    shift
    count=$((count - 1))
done
exec ld.lld "$@"

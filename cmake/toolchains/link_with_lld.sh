#!/bin/sh
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# What `g++ -wrapper` runs in the place of GCC's own collect2 and its arguments:
# LLD, with all of them but those of GCC's plugin. Debian's MinGW has GNU's
# linker built in, and does not mind -fuse-ld=lld.

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

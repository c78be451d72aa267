# shellcheck shell=bash
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

# The steps of a cell of the matrix; to be sourced. They print a line for each
# step, and one with the numbers of tests, from which matrix.sh makes its table.

: "${folder:?}" # the folder of the logs
failures=0

# step NAME COMMAND...: runs a command, and prints its output if it failed.
step() {
    local name=$1 begin=$SECONDS
    local log=$folder/$name.log
    shift
    mkdir -p "$folder"
    if "$@" </dev/null >"$log" 2>&1; then
        echo "step $name ok $((SECONDS - begin))"
    else
        tail -n "${LINES_OF_A_FAILURE:-60}" "$log"
        echo "step $name FAILED $((SECONDS - begin))"
        failures=$((failures + 1))
        return 1
    fi
}

# count_tests NAME: the numbers in CTest's last lines in the log of a step.
count_tests() {
    awk '/tests passed, .* tests failed out of/ { total += $NF; failed += $4 }
         END { print "tests " total - failed "/" total + 0 }' "$folder/$1.log"
}

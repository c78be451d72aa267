#!/usr/bin/env python3
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

"""Counts the instructions and allocations of one request, which are the same from run to run; see count.sh.

The cost of the requests is the difference between two runs that differ only in the number of requests. It contains
neither the start, nor the handshakes, nor the warm-up.
"""

import json
import pathlib
import re
import subprocess
import sys

KEPT = pathlib.Path(__file__).parent / "results" / "counts.json"
TOLERANCE = 1.05
# The handshakes of two runs differ slightly: with this many requests that is
# negligible.
FEW, MANY, WARM_UP = 1000, 13000, 1000
WORK = {
    "view_image": ["--operation", "view_image"],
    "get_image_content": ["--operation", "get_image_content"],
    "upload_temp_image": ["--operation", "upload_temp_image", "--size", "1000"],
}


class Server:
    """The embedded server during the block."""

    def __init__(self, tool):
        self.process = subprocess.Popen([tool, "serve"], stdout=subprocess.PIPE, text=True)
        self.facts = json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def options(self, tool):
        login = self.facts["logins"][0]
        options = ["--url", self.facts["url"], "--ca-file", self.facts["caFile"]]
        options += ["--username", login["username"], "--password", login["password"]]
        listed = subprocess.run([tool, *options, "--json", "list-user-images", "self"], capture_output=True, check=True)
        return options + ["--id", json.loads(listed.stdout)[0]["id"]]


def output_of(valgrind, command, requests):
    full = ["valgrind", *valgrind, *command, "--requests", str(requests), "--warmup", str(WARM_UP), "--concurrency", "8"]
    done = subprocess.run(full, capture_output=True, text=True, check=True)
    if json.loads(done.stdout)["errors"]:
        sys.exit("requests failed: " + done.stderr)
    return done.stderr


def per_request(valgrind, pattern, command):
    few, many = (
        int(re.search(pattern, output_of(valgrind, command, requests)).group(1).replace(",", ""))
        for requests in (FEW, MANY)
    )
    return (many - few) / (MANY - FEW)


def main():
    tool, load = sys.argv[1:3]
    keep = "--keep" in sys.argv[3:]
    counted = {}
    with Server(tool) as server:
        options = server.options(tool)
        for name, work in WORK.items():
            command = [load, *options, *work]
            counted[name] = {
                "instructions": round(
                    per_request(["--tool=callgrind", "--callgrind-out-file=/dev/null"], r"Collected : (\d+)", command)
                ),
                "allocations": round(
                    per_request(["--leak-check=no"], r"total heap usage: ([\d,]+) allocs", command), 1
                ),
            }

    if keep:
        KEPT.write_text(json.dumps(counted, indent=4) + "\n")
    kept = json.loads(KEPT.read_text())
    grown = False
    print("| a warm request | instructions | kept | allocations | kept |\n|---|---:|---:|---:|---:|")
    for name, now in counted.items():
        before = kept[name]
        print(f"| {name} | {now['instructions']} | {before['instructions']} "
              f"| {now['allocations']} | {before['allocations']} |")
        # The growth of a container may cost half an allocation.
        grown |= now["instructions"] > before["instructions"] * TOLERANCE
        grown |= now["allocations"] > before["allocations"] * TOLERANCE + 0.5
    if grown:
        sys.exit("This is more than before by over 5 %. If it has to be: benchmarks/count.sh --keep")


main()

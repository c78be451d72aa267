#!/usr/bin/env python3
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

"""Measures the compilers; see compile_cost.sh. One after the other, in another order each round; reports medians."""

import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
SOURCES = HERE / "compile_cost"
RESULT = HERE / "results" / "compile_cost.md"
COMPILERS = ["g++", "clang++-19"]
LEVELS = ["-O0", "-O2"]
COMMON = ["-std=c++20", "-DBOOST_ASIO_NO_DEPRECATED", "-DNDEBUG", f"-I{HERE.parent / 'include'}"]
LIBRARIES = ["-lboost_json", "-lboost_url", "-lboost_container", "-lssl", "-lcrypto", "-pthread"]
SEPARATE = "-DCYCLOS_SEPARATE_COMPILATION"

# The name, the source, the definitions, and the peer of each comparison.
UNITS = [
    ("bare", "includes of a client by hand", "bare_includes.cpp", [], None, None),
    ("by_hand", "one request by hand", "by_hand.cpp", [], None, None),
    ("include", "the header of the library", "include_only.cpp", [], None, None),
    ("call", "one call of the library", "one_call.cpp", [], "by_hand", 1.3),
    ("include_separate", "the header, with separate compilation", "include_only.cpp", [SEPARATE], None, None),
    ("call_separate", "one call, with separate compilation", "one_call.cpp", [SEPARATE], "by_hand", 0.5),
    ("library", "the library itself, once for a program", "separate.cpp", [SEPARATE], None, None),
]


def compile_once(compiler, level, source, definitions, target):
    """CPU seconds, and peak resident memory in MiB."""
    command = [compiler, *COMMON, level, *definitions, "-c", str(SOURCES / source), "-o", str(target)]
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)}: failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def program_size(compiler, objects, target):
    """The size of the stripped program in KiB."""
    subprocess.run([compiler, *map(str, objects), "-Wl,--gc-sections", "-s", "-o", str(target), *LIBRARIES], check=True)
    return target.stat().st_size / 1024


def measure(rounds, folder):
    seconds, memory = {}, {}
    jobs = [(compiler, level, *unit) for compiler in COMPILERS for level in LEVELS for unit in UNITS]
    for number in range(rounds):
        random.Random(number).shuffle(jobs)
        for compiler, level, name, _, source, definitions, *_ in jobs:
            key = (compiler, level, name)
            spent, peak = compile_once(compiler, level, source, definitions, folder / ("-".join(key) + ".o"))
            seconds.setdefault(key, []).append(spent)
            memory.setdefault(key, []).append(peak)
    median = {key: (statistics.median(seconds[key]), statistics.median(memory[key])) for key in seconds}
    sizes = {}
    for compiler in COMPILERS:
        for level in LEVELS:
            objects = {name: folder / f"{compiler}-{level}-{name}.o" for name, *_ in UNITS}
            for name, parts in {"by_hand": ["by_hand"], "call": ["call"],
                                "call_separate": ["call_separate", "library"]}.items():
                sizes[compiler, level, name] = program_size(compiler, [objects[p] for p in parts], folder / "program")
    return median, sizes


def version(compiler):
    return subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]


def table(rounds, median, sizes):
    heads = [f"{compiler.removesuffix('-19')} {level}" for compiler in COMPILERS for level in LEVELS]
    keys = [(compiler, level) for compiler in COMPILERS for level in LEVELS]
    lines = [
        "# What the library costs to compile", "",
        f"`benchmarks/compile_cost.sh {rounds}`: seconds of CPU and peak memory of the compiler, medians of {rounds} rounds.",
        *(f"{version(compiler)}." for compiler in COMPILERS), "",
        "| a translation unit with | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(heads),
    ]
    for name, title, _, _, _, _ in UNITS:
        cells = [f"{median[*key, name][0]:.1f} s, {median[*key, name][1]:.0f} MiB" for key in keys]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    lines += ["", "| beside one request by hand | goal | " + " | ".join(heads) + " |", "|---|---:|" + "---:|" * len(heads)]
    for name, title, _, _, peer, goal in UNITS:
        if peer:
            ratios = [median[*key, name][0] / median[*key, peer][0] for key in keys]
            cells = [f"{ratio:.2f}{'' if ratio <= goal else ' (not held)'}" for ratio in ratios]
            lines.append(f"| {title} | {goal} | " + " | ".join(cells) + " |")
    lines += ["", "| a stripped program with | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(heads)]
    for name, title in {"by_hand": "one request by hand", "call": "one call of the library",
                        "call_separate": "one call, with separate compilation"}.items():
        lines.append(f"| {title} | " + " | ".join(f"{sizes[*key, name]:.0f} KiB" for key in keys) + " |")
    return "\n".join(lines) + "\n"


def main():
    rounds = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        median, sizes = measure(rounds, pathlib.Path(folder))
    text = table(rounds, median, sizes)
    RESULT.write_text(text)
    print(text, end="")


main()

#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

"""Draws the figures with gnuplot: bars for each client, by rows, with the minimum and maximum of all rounds."""

import pathlib
import subprocess

from .results import figures, number, spread
from .rows import CYCLOS, LABELS

COLOURS = {
    CYCLOS: "#0b6e4f", "libcurl": "#9aa5b1", "go": "#6fa8dc", "undici": "#d9a441", "beast": "#b48ead", "wrk": "#c8553d",
}
# The file name, the title, and the rows.
GROUPS = {
    "small": "Small GET: CPU of the client per request, µs",
    "transfers": "Large transfers: CPU of the client per GiB, s",
    "uploads": "Many small uploads: CPU of the client per upload, µs",
    "cold": "A new connection for every request: CPU of the client per request, µs",
    "waiting": "Memory of each request that waits for a connection, KiB",
    "shards": "Requests per second, two threads on two cores by one on one",
}
MEMORY_ROWS = ["small-64", "download", "upload-file", "upload-50k", "cold-resumed"]


class Bars:
    """Groups of bars, and their positions."""

    def __init__(self, title: str):
        self.title = title
        self.clients: list[str] = []
        self.ticks: list[tuple[float, str]] = []
        self.bars: dict[str, list[tuple[float, dict]]] = {}
        self.limit: tuple[float, str] | None = None
        self.position = 0.0

    def add(self, label: str, values: dict[str, list[float]]) -> None:
        begin = self.position
        for client in LABELS:
            if values.get(client):
                self.bars.setdefault(client, []).append((self.position, spread(values[client])))
                self.position += 1
        if self.position > begin:
            self.ticks.append(((begin + self.position - 1) / 2, label))
            self.position += 1

    def script(self, path: pathlib.Path) -> str:
        highest = max(value["max"] for bars in self.bars.values() for _, value in bars)
        lines = [
            f"set terminal svg size {max(640, int(150 + 46 * self.position))},420 font 'sans-serif,12' "
            "background '#ffffff'",
            f"set output '{path}'",
            f"set title '{self.title}'",
            "set style fill solid border rgb '#ffffff'",
            "set boxwidth 0.9",
            "set border 3 linecolor rgb '#555555'",
            "set grid ytics linecolor rgb '#dddddd'",
            "set key outside below horizontal",
            "set xtics nomirror scale 0",
            "set ytics nomirror",
            f"set xrange [-1:{self.position - 1}]",
            f"set yrange [0:{(highest or 1) * 1.15}]",
            "set xtics (" + ", ".join(f"'{label}' {x}" for x, label in self.ticks) + ")",
        ]
        drawn = []
        for n, (client, bars) in enumerate(self.bars.items()):
            lines.append(f"$bars{n} << END")
            lines += [f"{x} {v['median']} {v['min']} {v['max']} \"{number(v['median'])}\"" for x, v in bars]
            lines.append("END")
            drawn.append(f"$bars{n} using 1:2 with boxes linecolor rgb '{COLOURS[client]}' title '{LABELS[client]}'")
        for n in range(len(self.bars)):
            drawn.append(f"$bars{n} using 1:3:(0):($4-$3) with vectors nohead linecolor rgb '#333333' notitle")
            drawn.append(f"$bars{n} using 1:4:5 with labels offset 0,0.7 font ',10' notitle")
        if self.limit:
            drawn.append(f"{self.limit[0]} with lines dashtype 2 linecolor rgb '#000000' title '{self.limit[1]}'")
        lines.append("plot " + ", \\\n    ".join(drawn))
        return "\n".join(lines) + "\n"


def peaks_in_mib(runs: list[dict]) -> list[float]:
    return [kib / 1024 for kib in figures(runs, "rss")]


def bars_of(results: dict) -> dict[str, Bars]:
    """The plots of all existing rows, by name."""
    plots: dict[str, Bars] = {}
    for group, title in GROUPS.items():
        rows = [row for row in results["rows"].values() if row["group"] == group]
        if rows:
            plots[group] = Bars(title)
            for row in rows:
                plots[group].add(row["name"], {c: figures(runs, "cost") for c, runs in row["runs"].items()})
    limit = results["about"].get("limit")
    if limit and "transfers" in plots:
        plots["transfers"].limit = (limit["s_per_gib"], limit["command"])
    memory = [results["rows"][name] for name in MEMORY_ROWS if name in results["rows"]]
    if memory:
        plots["memory"] = Bars("Peak of the resident memory, MiB")
        for row in memory:
            plots["memory"].add(row["name"], {c: peaks_in_mib(runs) for c, runs in row["runs"].items()})

    return {name: bars for name, bars in plots.items() if bars.bars}


def names(results: dict) -> list[str]:
    """The files that `draw` writes."""
    return [f"{name}.svg" for name in bars_of(results)]


def draw(results: dict, directory: pathlib.Path) -> None:
    for name, bars in bars_of(results).items():
        subprocess.run(["gnuplot"], input=bars.script(directory / f"{name}.svg"), text=True, check=True)

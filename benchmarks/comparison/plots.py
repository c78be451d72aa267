#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

"""Draws the figures with gnuplot: a bar for each client, with the least and the largest of all rounds.

The bars lie, so that each has the name of its client beside it, and so that a plot fits into a page and its
text can be read there.
"""

import dataclasses
import pathlib
import subprocess

from .results import figures, spread
from .rows import CYCLOS, LABELS

COLOURS = {
    CYCLOS: "#0b6e4f", "libcurl": "#9aa5b1", "go": "#6fa8dc", "undici": "#d9a441", "beast": "#b48ead",
    "wrk": "#c8553d",
}
# The name of the file, and its title.
GROUPS = {
    "small": "Small GET: CPU time of the client for a request, µs",
    "transfers": "Large transfers: CPU time of the client for 1 GiB, s",
    "uploads": "Uploads of 50 KiB: CPU time of the client for an upload, µs",
    "cold": "A new connection for each request: CPU time of the client for a request, µs",
    "waiting": "Memory of a request that waits for a connection, KiB",
    "shards": "Requests per second of two threads on two cores, relative to one on one",
}
MEMORY_TITLE = "Peak resident memory of the client, MiB"
MEMORY_ROWS = ["small-64", "download", "upload-file", "upload-50k", "cold-resumed"]

WIDTH = 800
LEFT = 130  # for the names of the clients
RIGHT = 60  # for the number at the end of the longest bar
LINE = 21  # of a bar
TEXT = "#1f2933"


def short(value: float) -> str:
    """Three digits are enough at a bar; the tables have the rest."""
    return f"{value:.0f}" if value >= 99.95 else f"{value:.1f}" if value >= 3 else f"{value:.2f}"


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@dataclasses.dataclass
class Limit:
    value: float
    label: str


class Bars:
    """Groups of bars, one below the other, each under its label."""

    def __init__(self, title: str):
        self.title = title
        self.labels: list[tuple[float, str]] = []
        self.bars: list[tuple[float, str, dict]] = []
        self.limit: Limit | None = None
        self.lines = 0.0

    def add(self, label: str, values: dict[str, list[float]]) -> None:
        clients = [client for client in LABELS if values.get(client)]
        if not clients:
            return
        if self.labels:
            self.lines += 0.4
        self.labels.append((self.lines, label))
        for n, client in enumerate(clients, 1):
            self.bars.append((self.lines + n, client, spread(values[client])))
        self.lines += len(clients) + 1

    def script(self, path: pathlib.Path) -> str:
        highest = max(value["max"] for _, _, value in self.bars) or 1
        top, bottom = 44, 60 if self.limit else 34
        height = round(top + bottom + LINE * self.lines)
        lines = [
            f"set terminal svg size {WIDTH},{height} font 'sans-serif,14' background '#ffffff'",
            f"set output {quoted(str(path))}",
            f"set title {quoted(self.title)} font ',15' textcolor rgb '{TEXT}'",
            f"set lmargin at screen {LEFT / WIDTH}",
            f"set rmargin at screen {1 - RIGHT / WIDTH}",
            f"set tmargin at screen {1 - top / height}",
            f"set bmargin at screen {bottom / height}",
            "set style fill solid border rgb '#ffffff'",
            "set style textbox opaque noborder fillcolor rgb '#ffffff' margins 0.4,0.2",
            "set border 0",
            "set grid xtics linetype 1 linecolor rgb '#dddddd'",
            f"set xtics nomirror scale 0 textcolor rgb '{TEXT}'",
            f"set ytics nomirror scale 0 textcolor rgb '{TEXT}'",
            f"set xrange [0:{highest * 1.02}]",
            f"set yrange [{self.lines - 0.4}:-0.6]",
            "set key off",
            "set ytics (" + ", ".join(f"{quoted(LABELS[client])} {y}" for y, client, _ in self.bars) + ")",
        ]
        for y, _, value in self.bars:
            lines.append(f"set label {quoted(short(value['median']))} at {value['max']}, {y} left "
                         f"offset character 0.6, 0 textcolor rgb '{TEXT}'")
        lines.append("$bars << END")
        lines += [f"0 {y} 0 {v['median']} {y - 0.38} {y + 0.38} {int(COLOURS[client][1:], 16)} {v['min']} {v['max']}"
                  for y, client, v in self.bars]
        lines.append("END")
        drawn = ["$bars using 1:2:3:4:5:6:7 with boxxyerror linecolor rgb variable",
                 "$bars using 8:2:($9-$8):(0) with vectors nohead linewidth 1.2 linecolor rgb '#333333'"]
        if self.limit:
            lines.append(f"set label {quoted(self.limit.label)} at {self.limit.value}, screen {14 / height} center "
                         f"textcolor rgb '{TEXT}'")
            lines.append(f"set arrow from {self.limit.value}, graph 0 to {self.limit.value}, graph 1 nohead front "
                         f"dashtype 2 linecolor rgb '{TEXT}'")
        for y, label in self.labels:
            lines.append(f"set label {quoted(label)} at screen 0.02, first {y} left boxed front "
                         f"font 'sans-serif:Bold' textcolor rgb '{TEXT}'")
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
                plots[group].add(row["label"], {c: figures(runs, "cost") for c, runs in row["runs"].items()})
    limit = results["about"].get("limit")
    if limit and "transfers" in plots:
        plots["transfers"].limit = Limit(limit["s_per_gib"], f"the cipher alone: {short(limit['s_per_gib'])} s")
    memory = [results["rows"][name] for name in MEMORY_ROWS if name in results["rows"]]
    if memory:
        plots["memory"] = Bars(MEMORY_TITLE)
        for row in memory:
            plots["memory"].add(row["title"], {c: peaks_in_mib(runs) for c, runs in row["runs"].items()})

    return {name: bars for name, bars in plots.items() if bars.bars}


def titles(results: dict) -> dict[str, str]:
    """The files that `draw` writes, with their titles."""
    return {f"{name}.svg": bars.title for name, bars in bars_of(results).items()}


def draw(results: dict, directory: pathlib.Path) -> None:
    for name, bars in bars_of(results).items():
        script = bars.script(directory / f"{name}.svg")
        subprocess.run(["gnuplot"], input=script, text=True, check=True)

#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

"""The results of the runs: medians, ratios, goals, and their tables."""

import statistics

from .rows import CYCLOS, LABELS, Goal, Row


def figures(runs: list[dict], figure: str) -> list[float]:
    """One figure of every run in which it was measured."""
    if figure == "p99":
        return [run["latency_us"]["p99"] for run in runs]
    if figure == "rss":
        return [run["max_rss_kib"] for run in runs if run["max_rss_kib"] is not None]
    if figure == "handshakes":  # more than one for each connection of the pool
        return [max(run["connections_opened"] - run["connections"], 0) for run in runs]
    return [run[figure] for run in runs]


def spread(values: list[float]) -> dict:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def ratio(row: dict, peer: str, figure: str = "cost") -> dict | None:
    """The ratio of the medians, and the minimum and maximum ratio of single rounds."""
    ours, theirs = (figures(row["runs"].get(name, []), figure) for name in (CYCLOS, peer))
    if not ours or not theirs:
        return None
    each = [a / b for a, b in zip(ours, theirs) if b > 0]
    if not each:
        return None
    return {"median": statistics.median(ours) / statistics.median(theirs), "min": min(each), "max": max(each)}


def judge(row: Row, measured: dict) -> list[dict]:
    """Each goal with its measurement. A goal without a measurement is not met."""
    verdicts = []
    for goal in row.goals:
        if goal.peer:
            of = ratio(measured, goal.peer, goal.figure)
            value = of["median"] if of else None
        else:
            values = figures(measured["runs"].get(CYCLOS, []), goal.figure)
            value = statistics.median(values) if values else None
        held = value is not None and (value >= goal.limit if goal.at_least else value <= goal.limit)
        verdicts.append({"row": row.name, "goal": describe(goal, row), "limit": goal.limit, "value": value,
                         "held": held})
    return verdicts


def describe(goal: Goal, row: Row) -> str:
    text = {"cost": row.unit, "p99": "p99", "rss": "peak of resident memory, KiB",
            "handshakes": "handshakes of a warm pool"}[goal.figure]
    if goal.peer:
        text = {"cost": "CPU"}.get(goal.figure, text) + f" against {LABELS[goal.peer]}"
    return text


def number(value: float | None) -> str:
    if value is None:
        return "–"
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 2 else f"{value:.2f}" if abs(value) < 20 else f"{value:.1f}"


def table(row: dict) -> list[str]:
    kind = row["kind"]
    lines = [f"### {row['title']}", "",
             f"| client | {row['unit']} | min–max | cyclos-images / client | min–max | requests/s | MiB/s | p99, µs "
             "| peak, KiB | connections | resumed | server's CPU / wall |",
             "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for client, runs in row["runs"].items():
        cost = spread(figures(runs, "cost"))
        of = ratio(row, client) if client != CYCLOS else None
        if kind == "shards":
            of = None

        def median(get) -> float | None:
            values = [v for v in map(get, runs) if v is not None]
            return statistics.median(values) if values else None

        moved = row["size"] or row["operation"] == "get_image_content"
        lines.append("| " + " | ".join([
            LABELS[client], number(cost["median"]), f"{number(cost['min'])}–{number(cost['max'])}",
            number(of["median"]) if of else "", f"{number(of['min'])}–{number(of['max'])}" if of else "",
            number(median(lambda r: r["rps"])),
            number(median(lambda r: r["bytes"] / r["wall_s"] / (1 << 20))) if moved else "",
            number(median(lambda r: r["latency_us"]["p99"])),
            number(median(lambda r: r["max_rss_kib"])),
            number(median(lambda r: r["connections_opened"])),
            number(median(lambda r: r["handshakes_resumed"])),
            number(median(lambda r: r["server_cpu_s"] / r["wall_s"])),
        ]) + " |")
    lines.append("")
    if kind == "shards":
        for client, runs in row["runs"].items():
            share = statistics.median(r["server_cpu_s"] / (r["server_cpu_s"] + r["cpu_s"]) for r in runs)
            one, two = (statistics.median(r[k] for r in runs) for k in ("rps_of_one", "rps"))
            lines.append(f"{LABELS[client]}: {one:,.0f} requests/s with client and server on one core, {two:,.0f} with "
                         f"both on two; of the CPU of the second, {share:.0%} were the server's.")
        lines.append("")
    return lines


def goals_table(results: dict) -> list[str]:
    lines = ["| row | goal | at most (two threads: at least) | measured | |", "|---|---|---:|---:|---|"]
    for v in results["goals"]:
        lines.append(f"| {results['rows'][v['row']]['title']} | {v['goal']} | {number(v['limit'])} | "
                     f"{number(v['value'])} | {'met' if v['held'] else '**missed**'} |")
    return lines


def markdown(results: dict, plots: dict[str, str]) -> str:
    """The tables, and the plots: their files with their titles."""
    about = results["about"]
    lines = ["# Benchmark results", "",
             f"Written by `benchmarks/run.sh` on {about['date']}: rounds: {about['rounds']}, clients in turn, "
             f"{about['pinning']}. Figures are medians, CPU is that of the client's process (user and system, the "
             "warm-up left out), ratios are of medians, with the least and the largest of single rounds.", ""]
    lines += [f"- {name}: {about[name]}" for name in ("machine", "kernel", "cipher", "revision", "load average")]
    lines += ["- versions: " + ", ".join(f"{name} {version}" for name, version in about["versions"].items())]
    if about.get("withdrawn"):
        lines.append(f"- measured too, and withdrawn as unfair: {about['withdrawn']}")
    if about.get("limit"):
        lines.append(f"- the physical limit, `{about['limit']['command']}`: {about['limit']['s_per_gib']:.3f} s of CPU "
                     "per GiB")
    lines += ["", "## Goals", "", *goals_table(results), "", "## Figures", ""]
    for name, title in plots.items():
        lines += [f"![{title}]({name})", ""]
    for row in results["rows"].values():
        lines += table(row)
    return "\n".join(lines).rstrip() + "\n"

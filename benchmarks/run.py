#!/usr/bin/env python3
#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

"""Measures this library and its peers in turn on the same servers; see run.sh, which installs the dependencies."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import signal
import subprocess
import sys
import tempfile

from comparison import plots, results, servers
from comparison.clients import ClientError, Clients
from comparison.rows import LABELS, MIB, Row, all_rows

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPEED_NAMES = {
    "TLS_AES_256_GCM_SHA384": "aes-256-gcm",
    "TLS_AES_128_GCM_SHA256": "aes-128-gcm",
    "TLS_CHACHA20_POLY1305_SHA256": "chacha20-poly1305",
}


def first_line(*command: str) -> str:
    """The version of a program, or that it is missing."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        lines = (done.stdout or done.stderr).strip().splitlines()
        return lines[0] if lines else "unknown"
    except FileNotFoundError:
        return "none"


def package(name: str) -> str:
    return first_line("dpkg-query", "--show", "--showformat=${Version}", name)


def versions() -> dict[str, str]:
    lock = json.loads((ROOT / "benchmarks/load_undici/package-lock.json").read_text(encoding="utf-8"))
    header = pathlib.Path("/usr/include/boost/version.hpp")
    boost = re.search(r'BOOST_LIB_VERSION "(\S+)"', header.read_text(encoding="utf-8")) if header.exists() else None
    return {
        "GCC": first_line("c++", "-dumpfullversion"),
        "Boost": boost[1].replace("_", ".") if boost else "unknown",
        "OpenSSL": first_line("openssl", "version").split()[1],
        "libcurl": package("libcurl4-openssl-dev"),
        "Go": first_line("go", "version").split()[2],
        "Node": first_line("node", "--version"),
        "Node's OpenSSL": first_line("node", "-p", "process.versions.openssl"),
        "undici": lock["packages"]["node_modules/undici"]["version"],
        "wrk": package("wrk"),
        "nginx": first_line("nginx", "-v").rpartition("/")[2],
    }


def machine() -> str:
    info = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*:\s*(.+)$", info, re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB"


def physical_limit(ciphersuites: str, cpus: set[int], seconds: int) -> dict | None:
    """The time of the cipher alone for a GiB in TLS records."""
    name = SPEED_NAMES.get(ciphersuites)
    if not name:
        return None
    command = ["openssl", "speed", "-mr", "-seconds", str(seconds), "-bytes", "16384", "-evp", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True,
                          preexec_fn=lambda: os.sched_setaffinity(0, cpus))
    rate = float(re.search(r"^\+F:.*:([0-9.]+)$", done.stdout, re.MULTILINE)[1])
    return {"command": f"openssl speed -bytes 16384 -evp {name}", "s_per_gib": (1 << 30) / rate}


def parse() -> argparse.Namespace:
    names = [row.name for row in all_rows(False)]
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__, epilog="Rows: " + ", ".join(names))
    parser.add_argument("rows", nargs="*", metavar="ROW", help="all of them by default; a part of the name will do")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--clients", nargs="+", choices=list(LABELS), help="all that there are by default")
    parser.add_argument("--quick", action="store_true", help="little of everything, to see that it works")
    parser.add_argument("--ciphersuites", default="TLS_AES_256_GCM_SHA384",
                        help="of TLS 1.3, the same for all clients: left alone, Go would choose another one")
    parser.add_argument("--redraw", action="store_true",
                        help="only regenerates the tables and plots from the recorded results.json")
    parser.add_argument("--check", action="store_true",
                        help="only checks that the recorded results.md matches results.json")
    parser.add_argument("--output", type=pathlib.Path, metavar="DIRECTORY",
                        help="benchmarks/results by default, or build/benchmarks/results for a part of it all")
    arguments = parser.parse_args()
    for name in arguments.rows:
        if not any(name in known for known in names):
            parser.error(f"there is no row {name}; there are {', '.join(names)}")
    if arguments.rounds < 1:
        parser.error("at least one round is needed")
    return arguments


class Comparison:
    def __init__(self, arguments: argparse.Namespace, directory: pathlib.Path):
        self.arguments = arguments
        self.rows = [row for row in all_rows(arguments.quick)
                     if not arguments.rows or any(name in row.name for name in arguments.rows)]
        part = arguments.rows or arguments.quick or arguments.clients
        self.output = arguments.output or ROOT / ("build/benchmarks/results" if part else "benchmarks/results")
        cpus = sorted(os.sched_getaffinity(0))
        self.alone = len(cpus) > 1
        self.client_cpus = {cpus[0]}
        self.server_cpus = {cpus[1 if self.alone else 0]}
        self.directory = directory
        self.running: list[servers.Server] = []
        self.servers: dict[str, servers.Server] = {}
        self.clients = Clients(ROOT, directory, self.client_cpus, 1 if arguments.quick else 3)

    def start_servers(self) -> None:
        servers.make_certificate(self.directory)
        size = 64 * MIB if self.arguments.quick else servers.GIB
        servers.make_contents(self.directory, size)
        suites = self.arguments.ciphersuites
        needed = {row.server for row in self.rows}
        if needed & {"nginx", "nginx-full"}:
            self.servers["nginx"], self.servers["nginx-full"] = servers.start_nginx(self.directory, suites)
            self.running.append(self.servers["nginx"])
        if "nginx-two" in needed:
            self.servers["nginx-two"], _ = servers.start_nginx(self.directory, suites, workers=2)
            self.running.append(self.servers["nginx-two"])
        if "sink" in needed:
            self.servers["sink"] = servers.start_sink(ROOT / "build/release/benchmarks/sink", self.directory, suites,
                                                      size)
            self.running.append(self.servers["sink"])
        for server in self.running:
            server.pin(self.server_cpus)

    def stop_servers(self) -> None:
        for server in self.running:
            server.stop()

    def about(self) -> dict:
        changed = first_line("git", "status", "--porcelain", "--untracked-files=no") != "unknown"
        pinning = (f"client on CPU {min(self.client_cpus)}, server on CPU {min(self.server_cpus)}" if self.alone
                   else "client and server share the only CPU")
        return {
            "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
            "rounds": self.arguments.rounds,
            "quick": self.arguments.quick,
            "pinning": pinning,
            "machine": machine(),
            "kernel": platform.release(),
            "cipher": servers.cipher(self.running[0].port, self.directory) + ", TLS 1.3, ECDSA P-256",
            "revision": first_line("git", "describe", "--always") + (" with changes" if changed else ""),
            "load average": ", ".join(f"{load:.2f}" for load in os.getloadavg()) + " before the first round",
            "versions": versions(),
            "limit": physical_limit(self.arguments.ciphersuites, self.client_cpus, 1 if self.arguments.quick else 3),
        }

    def clients_of(self, row: Row) -> list[str]:
        wanted = [c for c in row.clients if not self.arguments.clients or c in self.arguments.clients]
        for client in wanted:
            if not self.clients.has(client):
                print(f"{client} is not built, and left out", file=sys.stderr)
        return [c for c in wanted if self.clients.has(c)]

    def measure(self, row: Row) -> dict:
        clients = self.clients_of(row)
        runs: dict[str, list[dict]] = {client: [] for client in clients}
        print(f"\n{row.title}: {row.unit}")
        for round_number in range(self.arguments.rounds):
            # The order changes, so that no client always runs after the same other one.
            shift = round_number % max(len(clients), 1)
            for client in clients[shift:] + clients[:shift]:
                run = self.clients.run(client, row, self.servers[row.server])
                runs[client].append(run)
                print(f"  {round_number + 1} {LABELS[client]:14} {results.number(run['cost']):>8}", flush=True)
        return {"name": row.name, **row.names(), "group": row.group, "kind": row.kind,
                "operation": row.operation, "size": row.size, "runs": runs}

    def run(self) -> bool:
        """Whether every goal of the rows is met."""
        self.start_servers()
        self.output.mkdir(parents=True, exist_ok=True)
        everything = {"about": self.about(), "rows": {}, "goals": []}
        for row in self.rows:
            measured = self.measure(row)
            everything["rows"][row.name] = measured
            everything["goals"] += results.judge(row, measured)
            self.write(everything)
        print()
        for v in everything["goals"]:
            print(f"{'met   ' if v['held'] else 'MISSED'} {v['row']}: {v['goal']}: "
                  f"{results.number(v['value'])} (limit {results.number(v['limit'])})")
        print(f"\nWritten to {self.output}")
        return all(v["held"] for v in everything["goals"])

    def write(self, everything: dict) -> None:
        (self.output / "results.json").write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")
        show(everything, self.output)


def recorded(path: pathlib.Path) -> dict:
    """The figures of a file, with the names and goals that the rows have now."""
    everything = json.loads(path.read_text(encoding="utf-8"))
    everything["goals"] = []
    for row in all_rows(everything["about"]["quick"]):
        measured = everything["rows"].get(row.name)
        if measured:
            measured.update(row.names())
            everything["goals"] += results.judge(row, measured)
    return everything


def show(everything: dict, output: pathlib.Path) -> None:
    plots.draw(everything, output)
    (output / "results.md").write_text(results.markdown(everything, plots.titles(everything)), encoding="utf-8")


def is_shown(everything: dict, output: pathlib.Path) -> bool:
    """Whether the tables match the figures. The plots are not compared: each version of gnuplot writes its own."""
    markdown = results.markdown(everything, plots.titles(everything))
    return markdown == (output / "results.md").read_text(encoding="utf-8")


def main() -> int:
    arguments = parse()
    if arguments.redraw or arguments.check:
        output = arguments.output or ROOT / "benchmarks/results"
        everything = recorded(output / "results.json")
        if arguments.redraw:
            show(everything, output)
        if is_shown(everything, output):
            return 0
        print(f"run.py: {output}/results.md is not that of results.json: --redraw writes it anew", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # ends the servers
    with tempfile.TemporaryDirectory(prefix="cyclos-load-") as name:
        comparison = Comparison(arguments, pathlib.Path(name))
        try:
            comparison.run()
        except (ClientError, servers.ServerError) as failure:
            print(f"run.py: {failure}", file=sys.stderr)
            return 1
        finally:
            comparison.stop_servers()
    return 0


if __name__ == "__main__":
    sys.exit(main())

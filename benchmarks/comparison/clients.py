#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

"""Runs the clients, one at a time, and returns the cost of each run."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading

from .rows import CYCLOS, WAITED_FOR, WAITING, Row
from .servers import Server

# The counts of wrk, with latencies in microseconds.
WRK_SCRIPT = """
done = function(summary, latency, requests)
    local e = summary.errors
    io.write(string.format(
        '{"requests":%d,"errors":%d,"bytes":%d,"wall_s":%f,' ..
        '"latency_us":{"p50":%d,"p90":%d,"p99":%d,"p999":%d,"max":%d}}\\n',
        summary.requests, e.connect + e.read + e.write + e.status + e.timeout, summary.bytes,
        summary.duration / 1e6, latency:percentile(50), latency:percentile(90), latency:percentile(99),
        latency:percentile(99.9), latency.max))
end
"""


# Longer than any run takes.
PATIENCE = 120


class ClientError(Exception):
    pass


class ClientTimeout(ClientError):
    pass


class Clients:
    def __init__(self, root: pathlib.Path, directory: pathlib.Path, cpus: set[int], wrk_seconds: int):
        tools = root / "build/release/benchmarks"
        self.directory = directory
        self.cpus = cpus
        self.wrk_seconds = wrk_seconds
        self.commands = {
            CYCLOS: [tools / "load-cyclos"],
            "libcurl": [tools / "load-libcurl"],
            "beast": [tools / "load-beast"],
            "go": [root / "build/benchmarks/load-go"],
            "undici": ["node", root / "benchmarks/load_undici/main.mjs"],
        }
        self.wrk_script = directory / "wrk.lua"
        self.wrk_script.write_text(WRK_SCRIPT, encoding="utf-8")

    def has(self, client: str) -> bool:
        return client == "wrk" or pathlib.Path(self.commands[client][-1]).exists()

    def run(self, client: str, row: Row, server: Server) -> dict:
        """One run, with the figures for the tables. A run that hangs is reported and repeated."""
        for attempt in range(3):
            try:
                return {**self._run(client, row, server), "runs_given_up": attempt}
            except ClientTimeout as timeout:
                print(f"  {timeout}: once more", flush=True)
        raise ClientError(f"{client} hangs in {row.name}")

    def _run(self, client: str, row: Row, server: Server) -> dict:
        if row.kind == "waiting":
            return self._waiting(client, row, server)
        if row.kind == "shards":
            return self._shards(client, row, server)
        result = self._measure(client, row, server, self._arguments(row, row.concurrency, row.concurrency), self.cpus)
        per_gib = result["cpu_s"] * (1 << 30) / max(result["bytes"], 1)
        result["cost"] = per_gib if row.per_gib else result["cpu_us_per_request"]
        return result

    def _arguments(self, row: Row, concurrency: int, connections: int) -> list[str]:
        arguments = ["--operation", row.operation, "--requests", str(row.requests), "--warmup", str(row.warmup),
                     "--concurrency", str(concurrency), "--connections", str(connections)]
        return arguments + [a.format(large=self.directory / "large.png") for a in row.arguments]

    def _waiting(self, client: str, row: Row, server: Server) -> dict:
        """The additional peak memory of waiting requests, compared with as many that do not wait."""
        few = self._measure(client, row, server, self._arguments(row, WAITED_FOR, WAITED_FOR), self.cpus)
        many = self._measure(client, row, server, self._arguments(row, WAITED_FOR + WAITING, WAITED_FOR), self.cpus)
        many["cost"] = (many["max_rss_kib"] - few["max_rss_kib"]) / WAITING
        many["max_rss_kib_of_few"] = few["max_rss_kib"]
        return many

    def _shards(self, client: str, row: Row, server: Server) -> dict:
        """The speed-up of client and server together on two cores, compared with one."""
        arguments = self._arguments(row, row.concurrency, row.concurrency)
        both = set(sorted(os.sched_getaffinity(0))[:2])
        one = {min(both)}
        server.pin(one)
        single = self._measure(client, row, server, arguments, one)
        server.pin(both)
        double = self._measure(client, row, server, [*arguments, "--threads", "2"], both)
        double["cost"] = double["rps"] / single["rps"]
        double["rps_of_one"] = single["rps"]
        double["cpu_us_per_request_of_one"] = single["cpu_us_per_request"]
        return double

    def _measure(self, client: str, row: Row, server: Server, arguments: list[str], cpus: set[int]) -> dict:
        before = server.cpu_seconds()
        if client == "wrk":
            result = self._wrk(row, server, cpus)
        else:
            command = [*self.commands[client], "--url", server.url, "--ca-file", self.directory / "certificate.pem",
                       *arguments, "--json"]
            result = json.loads(self._output(command, cpus)[0])
        result["server_cpu_s"] = server.cpu_seconds() - before
        if result["errors"] or not result["requests"]:
            raise ClientError(f"{client}: {result['errors']} requests of {row.name} have failed")
        return result

    def _output(self, command: list, cpus: set[int]) -> tuple[str, object]:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
            process = subprocess.Popen([str(word) for word in command], stdout=output,
                                       preexec_fn=lambda: os.sched_setaffinity(0, cpus))
            # Not wait() with a timeout, which does not report the resource usage of the process.
            killed = threading.Event()
            watchdog = threading.Timer(PATIENCE, lambda: (killed.set(), os.kill(process.pid, signal.SIGKILL)))
            watchdog.start()
            _, status, usage = os.wait4(process.pid, 0)
            watchdog.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            if killed.is_set():
                raise ClientTimeout(f"{pathlib.Path(command[0]).name} has taken more than {PATIENCE} s")
            if process.returncode != 0:
                raise ClientError(f"{pathlib.Path(command[0]).name} has ended with {process.returncode}")
            output.seek(0)
            return output.read(), usage

    def _wrk(self, row: Row, server: Server, cpus: set[int]) -> dict:
        """Without a warm-up: its handshakes count, which are negligible in a run of some seconds."""
        command = ["wrk", "--threads", "1", "--connections", row.concurrency, "--duration", f"{self.wrk_seconds}s",
                   "--script", self.wrk_script, f"{server.url}/images/1"]
        text, usage = self._output(command, cpus)
        result = json.loads(text.splitlines()[-1])
        cpu = usage.ru_utime + usage.ru_stime
        return {"client": "wrk", "operation": row.operation, "concurrency": row.concurrency,
                "connections": row.concurrency, **result, "cpu_s": cpu, "rps": result["requests"] / result["wall_s"],
                "cpu_us_per_request": cpu * 1e6 / max(result["requests"], 1), "max_rss_kib": None,
                "connections_opened": None, "handshakes_resumed": None}

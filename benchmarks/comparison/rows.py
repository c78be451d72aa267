#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

"""The measurements, and their goals."""

import dataclasses

CYCLOS = "cyclos-images"
LABELS = {
    CYCLOS: "cyclos-images", "libcurl": "libcurl multi", "go": "Go net/http", "undici": "undici",
    "beast": "Beast by hand", "wrk": "wrk",
}
PEERS = ["libcurl", "go", "undici", "beast"]
MIB = 1 << 20


@dataclasses.dataclass
class Goal:
    """The maximum of the figure of this library, or of its ratio to that of a peer."""

    limit: float
    peer: str | None = None
    figure: str = "cost"
    at_least: bool = False


@dataclasses.dataclass
class Row:
    name: str  # as run.sh takes it
    title: str  # in the tables
    label: str  # in the plots, whose own title has the rest
    group: str
    server: str
    operation: str
    clients: list[str]
    requests: int
    concurrency: int = 1
    warmup: int = 0
    arguments: tuple[str, ...] = ()
    size: int = 0  # bytes of one transfer; the cost is that of a GiB then
    per_gib: bool = False
    kind: str = "plain"  # "waiting" and "shards" compare two runs
    goals: list[Goal] = dataclasses.field(default_factory=list)

    def names(self) -> dict[str, str]:
        """What the tables and plots call it, whenever it was measured."""
        return {"title": self.title, "label": self.label, "unit": self.unit}

    @property
    def unit(self) -> str:
        return {
            "waiting": "KiB per waiting request",
            "shards": "requests per second, relative to one on one",
        }.get(self.kind, "s of CPU per GiB" if self.per_gib else "µs of CPU per request")


def small(concurrency: int, requests: int, goals: list[Goal]) -> Row:
    in_flight = f"{concurrency} request{'s' if concurrency > 1 else ''} in flight"
    return Row(name=f"small-{concurrency}", title=f"small GET, {in_flight}", label=in_flight, group="small",
               server="nginx", operation="view_image", clients=[CYCLOS, *PEERS, "wrk"], requests=requests,
               concurrency=concurrency, warmup=max(1000, 4 * concurrency), goals=goals)


def transfer(name: str, title: str, server: str, operation: str, arguments: tuple[str, ...], size: int,
             limit: float) -> Row:
    return Row(name=name, title=title, label=title, group="transfers", server=server,
               operation=operation, clients=[CYCLOS, *PEERS],
               requests=1, warmup=1, arguments=arguments, size=size, per_gib=True,
               goals=[Goal(limit, "libcurl"), Goal(1.0, "go")])


def cold(name: str, title: str, server: str, peers: list[str], requests: int, goals: list[Goal]) -> Row:
    return Row(name=name, title=f"a new connection for each request, {title}", label=title,
               group="cold", server=server, operation="view_image", clients=[CYCLOS, *peers],
               requests=requests, concurrency=8, warmup=50, arguments=("--cold",), goals=goals)


WAITING = 5000
WAITED_FOR = 16


def all_rows(quick: bool) -> list[Row]:
    """All rows; much smaller ones to test the benchmark itself."""

    def fewer(number: int) -> int:
        return max(number // 50, 200) if quick else number

    size = 64 * MIB if quick else 1024 * MIB
    amount = "64 MiB" if quick else "1 GiB"
    no_handshakes = Goal(0, figure="handshakes")
    # The clients that do the same work in a cold run. undici gives each connection its own TLS
    # context with all authorities, and the client by hand on Beast resumes nothing: their figures
    # would not be comparable.
    cold_peers = ["libcurl", "go", "beast"]
    resuming_peers = ["libcurl", "go"]
    rows = [
        small(1, fewer(30_000), [no_handshakes]),
        small(8, fewer(60_000), [no_handshakes]),
        small(64, fewer(150_000), [
            Goal(0.50, "libcurl"), Goal(1.00, "wrk"), Goal(0.85, "beast"), Goal(1.00, "libcurl", figure="p99"),
            no_handshakes]),
        small(512, fewer(150_000), [no_handshakes]),
        transfer("download", f"{amount} down from nginx, where the server is the bottleneck",
                 "nginx", "get_image_content", (), size, 0.80),
        transfer("download-fast", f"{amount} down", "sink", "get_image_content", (), size, 0.80),
        transfer("upload-file", f"{amount} up from a file", "sink", "upload_temp_image",
                 ("--file", "{large}"), size, 0.75),
        transfer("upload-stream", f"{amount} up from a stream", "sink", "upload_temp_image",
                 ("--size", str(size)), size, 0.75),
        Row(name="upload-50k", title="upload of 50 KiB, 32 requests in flight",
            label="32 requests in flight", group="uploads", server="sink",
            operation="upload_temp_image", clients=[CYCLOS, *PEERS], requests=fewer(10_000),
            concurrency=32, warmup=200, arguments=("--size", str(50 * 1024)), size=50 * 1024),
        cold("cold-full", "full TLS handshake", "nginx-full", cold_peers, fewer(3000), []),
        cold("cold-resumed", "TLS session resumed", "nginx", resuming_peers, fewer(3000),
             [Goal(0.50, "libcurl")]),
        Row(name="waiting", title="memory of a request that waits for a connection",
            label=f"{WAITING:,} requests wait for {WAITED_FOR} connections", group="waiting",
            server="nginx", operation="view_image", clients=[CYCLOS, "libcurl", "go", "undici"],
            requests=20_000, kind="waiting", goals=[Goal(4.0)]),
        Row(name="shards", title="two threads on two cores, relative to one on one",
            label="64 requests in flight", group="shards", server="nginx-two",
            operation="view_image", clients=[CYCLOS, "beast"], requests=fewer(150_000),
            concurrency=64, warmup=1000, kind="shards", goals=[Goal(1.7, at_least=True)]),
    ]
    for row in rows:
        if row.kind == "plain":
            row.goals.append(Goal(16 * 1024, figure="rss"))
    return rows

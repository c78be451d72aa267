#
# Copyright (c) 2026 The cyclos-images authors
#
# Distributed under the Boost Software License, Version 1.0. (See accompanying
# file LICENSE or copy at https://www.boost.org/LICENSE_1_0.txt)
#

"""The servers for the clients, each on a free port."""

import os
import pathlib
import socket
import ssl
import subprocess
import time

GIB = 1 << 30
SMALL_CONTENT = 50 * 1024

# The JSON of an image.
IMAGE_VIEW = (
    '{"id":"1","name":"Sunset","contentType":"image/png","length":1073741824,'
    '"url":"https://images.example.org/content/sunset.png","width":4000,"height":3000,'
    '"kind":"profile","convertedToJpeg":false}'
)


class ServerError(Exception):
    pass


def make_certificate(directory: pathlib.Path) -> None:
    """A self-signed ECDSA certificate (P-256) for loopback."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", directory / "key.pem", "-out", directory / "certificate.pem"],
        check=True, capture_output=True)


def make_contents(directory: pathlib.Path, size: int) -> None:
    """The served files. The large one is sparse: it takes no disk space, and is read from memory."""
    with open(directory / "large.png", "wb") as file:
        file.truncate(size)
    (directory / "small.png").write_bytes(bytes(SMALL_CONTENT))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children(pid: int) -> list[int]:
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


class Server:
    """A server process with its children."""

    def __init__(self, process: subprocess.Popen, port: int):
        self.process = process
        self.port = port
        self.url = f"https://127.0.0.1:{port}/api"

    def pids(self) -> list[int]:
        return [self.process.pid, *children(self.process.pid)]

    def pin(self, cpus: set[int]) -> None:
        for pid in self.pids():
            for task in os.listdir(f"/proc/{pid}/task"):
                os.sched_setaffinity(int(task), cpus)

    def cpu_seconds(self) -> float:
        ticks = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def cipher(port: int, directory: pathlib.Path) -> str:
    """Connects, and returns the cipher. Fails if another server has the port."""
    context = ssl.create_default_context(cafile=directory / "certificate.pem")
    with socket.create_connection(("127.0.0.1", port), 5) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            return connection.cipher()[0]


def nginx_configuration(directory: pathlib.Path, ciphersuites: str, ports: tuple[int, int], workers: int) -> str:
    """The only process is one worker. The second of the two ports resumes no sessions.

    The large file is read into large buffers: sendfile has no part in TLS that the kernel does not do. What may be on
    its way is limited, as the sink limits it.
    """
    reuse = " reuseport" if workers > 1 else ""
    processes = f"worker_processes {workers};" if workers > 1 else "master_process off;"
    user = "user root;" if workers > 1 and os.geteuid() == 0 else ""
    temporary = "\n".join(f"    {module}_temp_path temporary/{module};"
                          for module in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))

    def server(port: int, sessions: str) -> str:
        return f"""
    server {{
        listen 127.0.0.1:{port} ssl backlog=4096 sndbuf=512k{reuse};
        ssl_certificate {directory}/certificate.pem;
        ssl_certificate_key {directory}/key.pem;
        ssl_protocols TLSv1.3;
        ssl_conf_command Ciphersuites {ciphersuites};
        {sessions}
        location = /api/images/1 {{
            default_type application/json;
            return 200 '{IMAGE_VIEW}';
        }}
        location ~ ^/api/images/(content/1|1/content)$ {{
            default_type image/png;
            alias {directory}/large.png;
        }}
        location ~ ^/api/images/(content/2|2/content)$ {{
            default_type image/png;
            alias {directory}/small.png;
        }}
        location / {{
            return 404;
        }}
    }}"""

    return f"""daemon off;
{processes}
{user}
pid nginx-{ports[0]}.pid;
error_log stderr error;
worker_rlimit_nofile 16384;
events {{
    worker_connections 8192;
}}
http {{
{temporary}
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    sendfile off;
    output_buffers 2 256k;
    ssl_buffer_size 64k;
{server(ports[0], "ssl_session_tickets on;")}
{server(ports[1], "ssl_session_cache off; ssl_session_tickets off; ssl_conf_command NumTickets 0;")}
}}
"""


def wait_until_it_serves(process: subprocess.Popen, ports: tuple[int, int], directory: pathlib.Path) -> bool:
    """Whether it does: another process may have taken the port since it was found free."""
    end = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < end:
        try:
            for port in ports:
                cipher(port, directory)
            return True
        except OSError:
            time.sleep(0.02)
    return False


def start_nginx(directory: pathlib.Path, ciphersuites: str, workers: int = 1) -> tuple[Server, Server]:
    """Two instances of nginx: with and without session tickets."""
    (directory / "temporary").mkdir(exist_ok=True)
    for _ in range(5):
        ports = (free_port(), free_port())
        name = f"nginx-{ports[0]}.conf"
        (directory / name).write_text(nginx_configuration(directory, ciphersuites, ports, workers), encoding="utf-8")
        process = subprocess.Popen(["nginx", "-p", directory, "-c", name, "-e", "stderr"])
        if wait_until_it_serves(process, ports, directory):
            return Server(process, ports[0]), Server(process, ports[1])
        process.kill()
        process.wait()
    raise ServerError("nginx does not start")


def start_sink(program: pathlib.Path, directory: pathlib.Path, ciphersuites: str, content: int) -> Server:
    process = subprocess.Popen(
        [program, "--certificate", directory / "certificate.pem", "--key", directory / "key.pem",
         "--ciphersuites", ciphersuites, "--content", str(content)],
        stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    if not line.strip().isdigit():
        process.kill()
        process.wait()
        raise ServerError("the sink does not start")
    return Server(process, int(line))

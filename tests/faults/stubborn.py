"""Servers and clients that misbehave, as Python source: `python -c SOURCE ADDRESS PORT ...`."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.support import Spawned, spawn

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.support import Namespace

NEVER_ACCEPTS = """
import signal, socket, sys
listening = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=int(sys.argv[3]))
print("ready")
signal.pause()
"""

ONE_AT_A_TIME = """
import http.server, sys, threading, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/compute":
            while True: pass
        if self.path == "/lock":
            lock = threading.Lock()
            lock.acquire()
            lock.acquire()
        if self.path == "/sleep":
            time.sleep(1000)
        if self.path == "/second":
            time.sleep(1)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *words):
        pass
http.server.HTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
"""

MANY_AT_A_TIME = ONE_AT_A_TIME.replace(
    "http.server.HTTPServer(", "http.server.ThreadingHTTPServer("
)

ACCEPTS_AND = """
import os, socket, struct, sys, threading, time
listening = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=64)
what = sys.argv[3]
def serve(connection):
    if what == "closes":
        connection.close()
    elif what == "resets":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    elif what == "never reads":
        time.sleep(1000)
    elif what == "crashes":
        connection.recv(1000)
        os.kill(os.getpid(), 11)
    elif what == "reads":
        while connection.recv(1 << 16):
            pass
    elif what == "reads only GET":
        if connection.recv(4) == b"GET ":
            connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
        else:
            time.sleep(1000)
    elif what == "closes when idle":
        connection.settimeout(0.2)
        try:
            while connection.recv(1 << 16):
                connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
        except TimeoutError:
            connection.close()
while True:
    connection, _ = listening.accept()
    threading.Thread(target=serve, args=(connection,), daemon=True).start()
"""

CONNECTS = """
import socket, sys, time
kept = []
for _ in range(int(sys.argv[3])):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex((sys.argv[1], int(sys.argv[2])))
    kept.append(client)
time.sleep(0.05)
for client in kept:
    if len(sys.argv) > 4:
        client.send(f"GET {sys.argv[4]} HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n".encode())
print("connected", flush=True)
time.sleep(1000)
"""


@contextmanager
def clients(
    address: str,
    port: int,
    count: int,
    path: str | None = None,
    *,
    namespace: Namespace | None = None,
) -> Generator[Spawned]:
    """As many connections as wanted, over each of which a path is asked for if there is one."""
    argv = [sys.executable, "-u", "-c", CONNECTS, address, str(port), str(count)]
    argv += [] if path is None else [path]
    with spawn(namespace.command(*argv) if namespace else argv, ready="connected") as process:
        yield process

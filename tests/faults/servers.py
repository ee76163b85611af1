"""Small real servers, to be run as processes of their own: `python -c SOURCE PORT ...`."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import Spawned, spawn

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from tests.support import Namespace

HTTP = """
import http.server, socket, sys
address, port = sys.argv[1], int(sys.argv[2])
class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *words):
        pass
Server((address, port), Handler).serve_forever()
"""


@contextmanager
def python_server(
    source: str,
    *arguments: object,
    ready: int | str,
    namespace: Namespace | None = None,
    cwd: str | Path | None = None,
) -> Generator[Spawned]:
    """Runs Python source as a server until the block ends; `ready` as for `spawn`."""
    argv: Sequence[str] = [sys.executable, "-u", "-c", source, *map(str, arguments)]
    if namespace is not None:
        argv = namespace.command(*argv)
    with spawn(argv, ready=ready, cwd=cwd) as process:
        yield process


@contextmanager
def files_of(namespace: Namespace, **files: str) -> Generator[None]:
    """Files that `ip netns exec` shows below /etc in a namespace, such as `hosts` (ip-netns(8)).

    A dot of the file's name is written as two underscores: `resolv__conf`.
    """
    place = Path("/etc/netns") / namespace.name
    place.mkdir(parents=True)
    try:
        for name, text in files.items():
            (place / name.replace("__", ".")).write_text(text, encoding="ascii")
        yield
    finally:
        shutil.rmtree(place)

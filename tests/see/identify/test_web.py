"""Real web servers: each is told apart, and none runs anything of its application for that.

Every application here leaves a file `ran` behind as soon as anything of it is called; a request of
our own shows afterwards that the trap works.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from homeport.model.identity import Identity, Sureness
from tests.see.identify.asking import identity_at
from tests.see.identify.web_applications import (
    APPLICATIONS,
    ASGI,
    EXPRESS,
    GRPC,
    NODE_H2,
    NODE_SERVER,
    PORT,
    PYTHON,
    Case,
    certificate,
    get,
    home,
    node,
    serving,
)
from tests.support import Spawned, leased_port, need, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator


SLOW_TO_START = {"fastapi", "hypercorn"}


def found(identity: Identity | None) -> tuple[str, str | None, str | None, Sureness]:
    assert identity is not None
    return identity.protocol, identity.product, identity.version, identity.certainty


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in SLOW_TO_START else [])
        for name in APPLICATIONS
    ],
)
def test_a_web_server_is_told_and_nothing_of_its_application_runs(
    name: str, tmp_path: Path
) -> None:
    case = APPLICATIONS[name]
    with serving(tmp_path, case) as (port, server):
        assert found(identity_at(port)) == ("http", case.product, case.version, Sureness.SURE)
        assert not (tmp_path / "ran").exists()
        if case.logged is not None:
            server.wait_for(case.logged)
        get(port)
        assert (tmp_path / "ran").exists(), "the trap is none"


def test_node_runs_no_handler(tmp_path: Path) -> None:
    case = Case({"app.js": NODE_SERVER}, [node(), "app.js", PORT], "Node.js")
    with serving(tmp_path, case) as (port, server):
        assert found(identity_at(port)) == ("http", "Node.js", None, Sureness.SURE)
        assert not (tmp_path / "ran").exists()
        assert server.output == ""
        get(port)
        assert (tmp_path / "ran").exists()


def test_a_server_of_http2_only_is_told_without_a_stream(tmp_path: Path) -> None:
    case = Case({"app.js": NODE_H2}, [node(), "app.js", PORT], "Node.js")
    with serving(tmp_path, case) as (port, _):
        assert found(identity_at(port)) == ("http2", "Node.js", None, Sureness.SURE)
        assert not (tmp_path / "ran").exists()


@pytest.mark.slow
def test_a_node_that_says_nothing_is_taken_for_no_web_server(tmp_path: Path) -> None:
    mute = "require('net').createServer().listen(+process.argv.at(-1), '127.0.0.1')"
    case = Case({"app.js": mute}, [node(), "app.js", PORT], None)
    with serving(tmp_path, case) as (port, _):
        assert identity_at(port) is None


CLOSES_AT_ONCE = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[-1].rpartition(":")[2])))
while True:
    server.accept()[0].close()
"""


def test_a_web_server_that_says_nothing_is_likely_by_its_command(tmp_path: Path) -> None:
    # PHP itself closes at nonsense without a word (8.2); this takes its name.
    # Python looks for its library beside the program of its name, which may well be there.
    command = f'PYTHONHOME="{sys.base_prefix}" exec -a php "{PYTHON}" app.py -S 127.0.0.1:{PORT}'
    case = Case({"app.py": CLOSES_AT_ONCE}, ["bash", "-c", command], None)
    with serving(tmp_path, case) as (port, _):
        expected = ("http", "PHP built-in server", None, Sureness.LIKELY)
        assert found(identity_at(port)) == expected


def test_the_inspector_of_node_tells_its_version_and_nobody_is_attached(tmp_path: Path) -> None:
    argv = [node(), f"--inspect=127.0.0.1:{PORT}", "-e", "setInterval(() => 0, 1000)"]
    with serving(tmp_path, Case({}, argv, "Node.js")) as (port, server):
        version = subprocess.check_output([node(), "--version"], text=True).strip().lstrip("v")
        expected = ("node-inspector", "Node.js", version, Sureness.SURE)
        assert found(identity_at(port)) == expected
        assert "Debugger listening" in server.output
        assert "attached" not in server.output


def test_grpc_core_is_told(tmp_path: Path) -> None:
    case = Case({"app.py": GRPC}, [PYTHON, "app.py", PORT], "gRPC Core")
    with serving(tmp_path, case) as (port, _):
        assert found(identity_at(port)) == ("grpc", "gRPC Core", None, Sureness.SURE)


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Vite and Express, installed by npm once for the environment."""
    place = Path(sys.prefix) / "node"
    with (Path(sys.prefix) / "node.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "whole").exists():
            _npm_install(place)
    return place


def _npm_install(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    (place / "package.json").write_text('{"private": true}')
    npm = Path(node()).parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [node(), str(npm), "install", "--no-audit", "--no-fund", "vite", "express"]
    env = {**os.environ, "PATH": f"{Path(node()).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        command, cwd=place, env=env, capture_output=True, text=True, check=False, timeout=90
    )
    if done.returncode:
        pytest.skip(f"needs vite and express from npm: {done.stderr.strip()[-300:]}")
    (place / "whole").touch()


@pytest.mark.slow
def test_vite_is_told(tmp_path: Path, node_modules: Path) -> None:
    (tmp_path / "node_modules").symlink_to(node_modules / "node_modules")
    options = ["--host", "127.0.0.1", "--port", PORT, "--strictPort"]
    argv = [node(), "node_modules/.bin/vite", *options]
    with serving(tmp_path, Case({"index.html": "x"}, argv, "Vite")) as (port, server):
        # Before it serves it listens on the port for a moment, to see whether it is free.
        server.wait_for("ready in")
        assert found(identity_at(port)) == ("http", "Vite", None, Sureness.SURE)


@pytest.mark.slow
def test_express_runs_no_middleware(tmp_path: Path, node_modules: Path) -> None:
    (tmp_path / "node_modules").symlink_to(node_modules / "node_modules")
    case = Case({"app.js": EXPRESS}, [node(), "app.js", PORT], "Node.js")
    with serving(tmp_path, case) as (port, _):
        assert found(identity_at(port)) == ("http", "Node.js", None, Sureness.SURE)
        assert not (tmp_path / "ran").exists()
        get(port)
        assert (tmp_path / "ran").exists()


@contextmanager
def nginx(place: Path, server: str) -> Generator[Spawned]:
    """A foreground nginx with one server; its access log is `access`."""
    (place / "nginx.conf").write_text(
        f"daemon off; pid {place}/pid; error_log {place}/error;"
        f"events {{}} http {{ access_log {place}/access; client_body_temp_path {place}/b;"
        f"proxy_temp_path {place}/p; fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u;"
        f"scgi_temp_path {place}/s; server {{ {server} }} }}"
    )
    argv = [need("nginx", package="nginx-light"), "-p", str(place), "-c", f"{place}/nginx.conf"]
    port = re.search(r"listen 127\.0\.0\.1:(\d+)", server)
    assert port is not None
    with spawn([*argv, "-e", f"{place}/error"], ready=int(port[1])) as spawned:
        yield spawned


def test_nginx_tells_its_version_and_asks_nobody_behind(tmp_path: Path) -> None:
    port = leased_port()
    with socket.create_server(("127.0.0.1", leased_port())) as behind:
        behind.settimeout(5)
        passed = f"location / {{ proxy_pass http://127.0.0.1:{behind.getsockname()[1]}; }}"
        with nginx(tmp_path, f"listen 127.0.0.1:{port}; {passed}"):
            identity = identity_at(port)
            assert identity is not None
            assert (identity.protocol, identity.product) == ("http", "nginx")
            assert re.fullmatch(r"\d+\.\d+\.\d+", identity.version or "")
            wait_until(lambda: '" 400 ' in (tmp_path / "access").read_text(), what="its log")
            behind.setblocking(False)
            with pytest.raises(BlockingIOError):
                behind.accept()


def test_nginx_with_tls_is_told_with_its_session(tmp_path: Path) -> None:
    port = leased_port()
    cert, key = certificate(tmp_path)
    server = f"listen 127.0.0.1:{port} ssl; ssl_certificate {cert}; ssl_certificate_key {key};"
    with nginx(tmp_path, server):
        identity = identity_at(port)
        assert identity is not None
        assert identity.tls is not None


HAPROXY = """defaults
 mode http
 timeout client 5s
 timeout server 5s
 timeout connect 5s
frontend front
 bind 127.0.0.1:PORT
 http-request return status 200
"""
LIGHTTPD = """server.document-root = "/nonexistent"
server.bind = "127.0.0.1"
server.port = PORT
server.modules = ()
"""
APACHE = """ServerRoot .
ServerName localhost
Listen 127.0.0.1:PORT
PidFile pid
ErrorLog error
Mutex file:.
User nobody
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
"""


@pytest.mark.parametrize(
    ("program", "package", "configuration", "options", "product", "version"),
    [
        ("haproxy", "haproxy", HAPROXY, "-db -f conf", "HAProxy", False),
        ("lighttpd", "lighttpd", LIGHTTPD, "-D -f conf", "lighttpd", True),
        (
            "apache2",
            "apache2-bin",
            APACHE,
            "-D FOREGROUND -d . -f conf",
            "Apache HTTP Server",
            True,
        ),
    ],
)
def test_a_server_of_debian_is_told(
    tmp_path: Path,
    program: str,
    package: str,
    configuration: str,
    options: str,
    product: str,
    version: bool,  # noqa: FBT001
) -> None:
    port = leased_port()
    (tmp_path / "conf").write_text(configuration.replace("PORT", str(port)))
    argv = [need(program, package=package), *options.split()]
    with spawn(argv, ready=port, cwd=tmp_path):
        identity = identity_at(port)
        assert identity is not None
        assert (identity.protocol, identity.product) == ("http", product)
        assert (identity.version is not None) == version


CADDYFILE = """{{
    admin off
    auto_https off
    skip_install_trust
}}
https://127.0.0.1:{port} {{
    bind 127.0.0.1
    tls {cert} {key}
    respond x
}}
"""


def test_caddy_is_told_over_tls_and_over_quic(tmp_path: Path) -> None:
    port = leased_port()
    cert, key = certificate(tmp_path)
    text = CADDYFILE.format(port=port, cert=cert, key=key)
    (tmp_path / "Caddyfile").write_text(text)
    caddy = str(Path(PYTHON).with_name("caddy"))
    argv = [caddy, "run", "--adapter", "caddyfile", "--config", "Caddyfile"]
    with spawn(argv, ready=port, cwd=tmp_path, env={**os.environ, **home(tmp_path)}):
        identity = identity_at(port)
        assert found(identity) == ("http2", "Caddy", None, Sureness.SURE)
        assert identity is not None
        assert identity.tls is not None
        assert (identity.tls.alpn, identity.tls.version) == ("h2", "TLSv1.3")
        assert identity.tls.certificate is not None
        assert set(identity.tls.certificate.names) == {"localhost", "127.0.0.1"}
        assert found(identity_at(port, "udp")) == ("quic", "Caddy", None, Sureness.SURE)


def test_caddy_in_the_clear_is_told_by_its_command_and_not_as_go(tmp_path: Path) -> None:
    caddy = str(Path(PYTHON).with_name("caddy"))
    argv = [caddy, "respond", "--listen", f"127.0.0.1:{PORT}", "x"]
    with serving(tmp_path, Case({}, argv, "Caddy")) as (port, _):
        assert found(identity_at(port)) == ("http", "Caddy", None, Sureness.SURE)


@pytest.mark.slow
def test_http2_is_chosen_where_both_are_spoken_over_tls(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    bind = ["-b", f"127.0.0.1:{PORT}", "--certfile", str(cert), "--keyfile", str(key)]
    case = Case({"app.py": ASGI}, [PYTHON, "-m", "hypercorn", "app:app", *bind], "Hypercorn")
    with serving(tmp_path, case) as (port, _):
        assert found(identity_at(port)) == ("http2", "Hypercorn", None, Sureness.SURE)
        assert not (tmp_path / "ran").exists()

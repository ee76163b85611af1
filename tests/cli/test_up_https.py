"""Services that call one another over HTTPS, and what `up` says of an authority made anew."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from homeport.wire.certificate_chain import of_pem
from tests.running import project
from tests.support import wait_until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

# The names are looked up by nobody but browsers: the address is given, and the name asked for.
CLIENT = """
import os, socket, ssl
url = os.environ["API_PUBLIC"]
host, port = url.removeprefix("http://").split(":")
made = socket.create_connection(("127.0.0.1", int(port)))
with ssl.create_default_context().wrap_socket(made, server_hostname=host) as secured:
    secured.sendall(f"GET /called HTTP/1.0\\r\\nHost: {host}:{port}\\r\\n\\r\\n".encode())
    answer = b""
    while piece := secured.recv(4096):
        answer += piece
print("answer:", answer.rpartition(b"\\r\\n\\r\\n")[2].decode(), flush=True)
"""
SHOP = """
[services.api]
run = "exec python3 server.py"

[services.caller]
run = "exec python3 client.py"
port = false
restart = "never"
env = { API_PUBLIC = "${api.public_url}" }
"""


def kept(base: Path) -> Path:
    return base / "state" / "homeport"


def test_a_service_trusts_the_authority_of_the_gateway(tmp_path: Path) -> None:
    with project(tmp_path, SHOP, files={"client.py": CLIENT}) as shop:
        # Without an authority nobody is told of one: the first who asks for HTTPS makes it.
        assert shop.homeport("up", "-d", "api").returncode == 0
        assert str(kept(tmp_path)) not in shop.homeport("env", "api").stdout
        done = shop.homeport("check", shop.ps()["api"]["public_url"].replace("http", "https"))
        assert "homeport trust" in done.stdout
        shop.homeport("stop")
        shop.up()
        wait_until(
            lambda: "answer: hello /called" in shop.homeport("logs", "caller").stdout, seconds=20
        )
        before = shop.ps()["api"]["pid"]
        shop.up()
        assert shop.ps()["api"]["pid"] == before


def test_up_says_that_the_authority_was_made_anew(tmp_path: Path) -> None:
    with project(tmp_path, "[services.api]\nrun = 'exec python3 server.py'\n") as shop:
        assert shop.homeport("up", "-d").stderr == ""
        shop.homeport("check", shop.ps()["api"]["public_url"].replace("http", "https"))
        root = (kept(tmp_path) / "ca" / "root.pem").read_bytes()
        right = sha256(of_pem(root)[0]).hexdigest()
        record(tmp_path, right)
        assert "made anew" not in shop.homeport("up", "-d").stderr
        record(tmp_path, "0" * 64)
        assert "homeport trust" in shop.homeport("up", "-d").stderr
        record(tmp_path, None)


def record(base: Path, fingerprint: str | None) -> None:
    """What an installation of the authority would have left; nothing is installed."""
    entry = {"store": "system", "place": "/x", "name": "Homeport", "fingerprint": fingerprint}
    document = {"version": 1, "entries": [] if fingerprint is None else [entry]}
    path = kept(base) / "trust.json"
    path.write_text(json.dumps(document))
    os.chmod(path, 0o600)

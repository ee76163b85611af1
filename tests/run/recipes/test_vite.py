from __future__ import annotations

import json
import re
import socket
from typing import TYPE_CHECKING

import pytest

from tests.run.recipes.node_modules import install
from tests.run.recipes.web import commanded, found_service, project, running
from tests.support import leased_port

if TYPE_CHECKING:
    from pathlib import Path

    from homeport.model.service import Service
    from tests.run.recipes.web import Running

pytestmark = [pytest.mark.usefixtures("own_programs"), pytest.mark.slow]

CONFIG = """
export default {
  clearScreen: true,
  server: { host: "0.0.0.0", port: 5173, strictPort: true, open: true %s },
};
"""
PACKAGE = {
    "type": "module",
    "scripts": {
        "start": "npm run dev",
        "dev": "NODE_ENV=development vite --host 0.0.0.0 --port 5173",
    },
    "devDependencies": {"vite": "*"},
}


def _front_end(directory: Path, more: str = "", packages: tuple[str, ...] = ("vite@8",)) -> Path:
    files = {
        "package.json": json.dumps(PACKAGE),
        "index.html": '<p>hello from vite</p><script type="module" src="/main.js"></script>',
        "main.js": "console.log(import.meta.env.MODE);",
        "vite.config.js": CONFIG % more,
    }
    project(directory, files)
    install(directory, *packages)
    return directory


def _upgraded(service: Running, origin: str) -> str:
    """The answer to a WebSocket for hot reloading, as the page opens one at its own host."""
    client = service.get("/@vite/client").text
    token = re.search(r'wsToken = "([^"]+)"', client)
    assert token
    lines = [
        f"GET /?token={token.group(1)} HTTP/1.1",
        f"Host: {origin}",
        f"Origin: http://{origin}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol: vite-hmr",
    ]
    with socket.create_connection(("127.0.0.1", service.place.port), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return connection.recv(64).decode().partition("\r\n")[0]


def _serves(service: Service) -> None:
    with running(service) as started:
        assert "hello from vite" in started.get().text
        assert started.get(host="evil.example").status == 403
        assert "const hmrPort = null" in started.get("/@vite/client").text
        assert _upgraded(started, "web.shop.localhost:62893") == "HTTP/1.1 101 Switching Protocols"
        listening = {(each.endpoint.address, each.endpoint.port) for each in started.listeners()}
        assert listening == {("127.0.0.1", started.place.port)}


def test_it_serves_under_a_name_of_the_gateway_and_on_loopback_only(tmp_path: Path) -> None:
    service = found_service(_front_end(tmp_path))
    assert (service.recipe, service.source) == ("vite", "package.json")
    _serves(service)


@pytest.mark.parametrize(
    "line", ["npm run dev", "npm start", "npx vite --port 4000", "exec vite", "true && vite"]
)
def test_a_command_line_that_runs_it_is_told_the_port(tmp_path: Path, line: str) -> None:
    _serves(commanded(_front_end(tmp_path), line))


@pytest.mark.parametrize("line", ["pnpm run dev", "pnpm dev", "yarn run dev", "yarn dev"])
def test_other_package_managers_pass_it_on(tmp_path: Path, line: str) -> None:
    _serves(commanded(_front_end(tmp_path, packages=("vite@8", "pnpm@10", "yarn@1")), line))


def test_a_socket_of_its_own_for_reloading_stays_on_loopback(tmp_path: Path) -> None:
    port = leased_port()
    with running(found_service(_front_end(tmp_path, f", hmr: {{ port: {port} }}"))) as started:
        listening = {(each.endpoint.address, each.endpoint.port) for each in started.listeners()}
        assert listening == {("127.0.0.1", started.place.port), ("127.0.0.1", port)}


def test_a_front_end_in_a_directory_is_named_after_it(tmp_path: Path) -> None:
    project(tmp_path, {"app.py": "from flask import Flask\napp = Flask(__name__)\n"})
    for name in ("frontend", "node_modules", ".hidden"):
        files = {"package.json": json.dumps(PACKAGE), "index.html": ""}
        project(tmp_path / name, files)
    service = found_service(tmp_path, "frontend")
    assert (service.recipe, service.source) == ("vite", "frontend/package.json")
    assert service.directory == f"{tmp_path}/frontend"
    assert found_service(tmp_path).recipe == "flask"

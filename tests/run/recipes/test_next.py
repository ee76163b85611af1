from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest

from tests.run.recipes.node_modules import install
from tests.run.recipes.web import commanded, found_service, project, running

if TYPE_CHECKING:
    from pathlib import Path

    from homeport.model.service import Service
    from tests.run.recipes.web import Running

pytestmark = [pytest.mark.usefixtures("own_programs"), pytest.mark.slow]

PAGE = 'export default function Home() { return "hello from next"; }\n'
PACKAGE = {
    "scripts": {"dev": "next dev -H 0.0.0.0 -p 3000"},
    "dependencies": {"next": "*", "react": "*", "react-dom": "*"},
}


def _application(directory: Path) -> Path:
    files = {"package.json": json.dumps(PACKAGE), "pages/index.js": PAGE}
    project(directory, files)
    install(directory, "next@16", "react@19", "react-dom@19")
    return directory


def _upgraded(service: Running, origin: str) -> bytes:
    request = (
        f"GET /_next/hmr?id=1 HTTP/1.1\r\nHost: {origin}\r\nOrigin: http://{origin}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", service.place.port), timeout=20) as connection:
        connection.sendall(request.encode())
        return connection.recv(12)


def _serves(service: Service) -> None:
    with running(service, seconds=60) as started:
        assert "hello from next" in started.get().text
        assert _upgraded(started, "web.shop.localhost:62893") == b"HTTP/1.1 101"
        listening = {(each.endpoint.address, each.endpoint.port) for each in started.listeners()}
        assert ("127.0.0.1", started.place.port) in listening
        assert {address for address, _ in listening} == {"127.0.0.1"}


def test_it_serves_under_a_name_of_the_gateway_and_on_loopback_only(tmp_path: Path) -> None:
    service = found_service(_application(tmp_path))
    assert service.recipe == "next"
    _serves(service)


def test_its_script_is_told_the_port(tmp_path: Path) -> None:
    _serves(commanded(_application(tmp_path), "npm run dev"))

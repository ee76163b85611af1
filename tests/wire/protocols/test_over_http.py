"""Those that tell product and version over HTTP: Docker, Jupyter, Ollama, DevTools, node, MCP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import devtools, docker, jupyter, mcp, node_inspector, ollama
from tests.wire.protocols.surviving import survives, survives_damage

if TYPE_CHECKING:
    from homeport.wire.protocols import Protocol


def ok(body: bytes, *headers: bytes) -> bytes:
    lines = (b"HTTP/1.1 200 OK", *headers, b"Content-Length: %d" % len(body))
    return b"\r\n".join((*lines, b"", body))


# By the documentation of its API (Ping); of no running engine.
DOCKER = ok(
    b"OK",
    b"Api-Version: 1.47",
    b"Docker-Experimental: false",
    b"Ostype: linux",
    b"Server: Docker/27.3.1 (linux)",
)
PODMAN = ok(
    b"OK",
    b"Api-Version: 1.41",
    b"Docker-Experimental: true",
    b"Libpod-Api-Version: 5.2.3",
    b"Server: Libpod/5.2.3 (linux)",
)
JUPYTER = ok(
    b'{"version": "2.21.1"}', b"Server: TornadoServer/6.6.1", b"Content-Type: application/json"
)
# By the documentation of its API.
OLLAMA = ok(b'{"version":"0.5.1"}', b"Content-Type: application/json; charset=utf-8")
CHROME = ok(
    b'{\n   "Browser": "HeadlessChrome/147.0.7727.0",\n   "Protocol-Version": "1.3",\n'
    b'   "V8-Version": "14.7.173",\n   "webSocketDebuggerUrl": "ws://localhost/devtools/x"\n}\n',
    b"Content-Type:application/json; charset=UTF-8",
)
NODE = (
    b"HTTP/1.0 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\n"
    b"Cache-Control: no-cache\r\nContent-Length: 65\r\n\r\n"
    b'{\n  "Browser": "node.js/v24.19.0",\n  "Protocol-Version": "1.1"\n} '
)
NODE_REFUSAL = (
    b"HTTP/1.0 400 Bad Request\r\nContent-Type: text/html; charset=UTF-8\r\n\r\n"
    b"WebSockets request was expected\r\n"
)
KNOWN = {
    "docker": (docker.PROTOCOL, DOCKER, ("http", "Docker", "27.3.1")),
    "podman": (docker.PROTOCOL, PODMAN, ("http", "Podman", "5.2.3")),
    "jupyter": (jupyter.PROTOCOL, JUPYTER, ("http", "Jupyter", "2.21.1")),
    "ollama": (ollama.PROTOCOL, OLLAMA, ("http", "Ollama", "0.5.1")),
    "chrome": (devtools.PROTOCOL, CHROME, ("devtools", "Chrome", "147.0.7727.0")),
    "node": (node_inspector.PROTOCOL, NODE, ("node-inspector", "Node.js", "24.19.0")),
}
EACH = pytest.mark.parametrize(("protocol", "data", "expected"), KNOWN.values(), ids=KNOWN)
Expected = tuple[str, str, str]


@EACH
def test_product_and_version_are_told(protocol: Protocol, data: bytes, expected: Expected) -> None:
    found = protocol.probes[0].read(data)
    assert found is not None
    assert (found.protocol, found.product, found.version) == expected


@EACH
def test_what_others_answer_is_none(protocol: Protocol, data: bytes, expected: Expected) -> None:
    read = protocol.probes[0].read
    bodies = (b"{}", b"[1]", b"\xff", b'{"version": 3}', b'{"version": "x"}', b'{"Browser": "x"}')
    assert [read(ok(body)) for body in bodies] == [None] * len(bodies)
    assert read(data.replace(b" 200 ", b" 404 ").replace(b"{", b"[")) is None


@EACH
def test_each_asks_by_get_with_a_local_host(
    protocol: Protocol, data: bytes, expected: Expected
) -> None:
    hello = protocol.probes[0].hello
    assert hello.startswith(b"GET /")
    assert b"\r\nHost: localhost\r\n" in hello


@EACH
def test_each_survives_damage(protocol: Protocol, data: bytes, expected: Expected) -> None:
    assert survives_damage(protocol, data)


@given(st.binary(max_size=300))
def test_all_survive_any_bytes(data: bytes) -> None:
    for protocol, _, _ in KNOWN.values():
        assert survives(protocol, data)
        assert survives(protocol, ok(data))


def test_the_inspector_of_node_is_told_by_its_refusal() -> None:
    assert node_inspector.PROTOCOL.nonsense is not None
    found = node_inspector.PROTOCOL.nonsense(NODE_REFUSAL)
    assert found is not None
    assert found.protocol == "node-inspector"
    assert node_inspector.PROTOCOL.nonsense(NODE) is None


def test_no_port_makes_anybody_ask_a_debugger() -> None:
    assert not devtools.PROTOCOL.ports
    assert not node_inspector.PROTOCOL.ports


def test_mcp_is_asked_nothing() -> None:
    assert not mcp.PROTOCOL.probes
    assert mcp.PROTOCOL.over == "http"

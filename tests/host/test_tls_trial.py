from __future__ import annotations

import socket
import ssl
import struct
from typing import TYPE_CHECKING

import pytest

from homeport.host.tls_trial import LEFT, Seen, TrialServer
from homeport.run.certificates import Contexts
from homeport.run.certificates.authority import root_path
from tests.support import wait_until

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def ask(port: int, host: str, context: ssl.SSLContext) -> bytes:
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        secured.sendall(b"GET / HTTP/1.1\r\n")
        secured.sendall(b"Host: x\r\n\r\n")
        return secured.recv(100)


def test_who_asks_and_who_refuses() -> None:
    contexts = Contexts()
    with TrialServer(contexts.context_for) as server:
        contexts.context_for("localhost")
        trusting = ssl.create_default_context(cafile=root_path())
        assert ask(server.port, "a.localhost", trusting).startswith(b"HTTP/1.1 200 OK\r\n")
        with pytest.raises(ssl.SSLCertVerificationError):
            ask(server.port, "b.localhost", ssl.create_default_context())
        with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
            ask(server.port, "example.com", trusting)
        wait_until(lambda: len(server.seen) == 2, what="both clients")
        assert server.seen["a.localhost"] == Seen(asked=True)
        assert server.seen["b.localhost"] == Seen(asked=False, refusal="TLSV1_ALERT_UNKNOWN_CA")
        host, _, port = server.nowhere.rpartition(":")
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), timeout=5)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)


@pytest.mark.parametrize("way", ["end", "reset"])
def test_who_leaves_with_the_certificate_in_hand_has_refused(way: str) -> None:
    contexts = Contexts()
    contexts.context_for("localhost")
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
    speaking = client.wrap_bio(received, sent, server_hostname="a.localhost")
    with TrialServer(contexts.context_for) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
            with pytest.raises(ssl.SSLWantReadError):
                speaking.do_handshake()
            plain.sendall(sent.read())
            plain.recv(1)
            if way == "reset":
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                plain.shutdown(socket.SHUT_WR)
                while plain.recv(1 << 16):
                    pass
        wait_until(lambda: "a.localhost" in server.seen, what="the client")
        assert server.seen["a.localhost"] == Seen(asked=False, refusal=LEFT)


def test_whoever_says_nothing_keeps_nobody_waiting() -> None:
    contexts = Contexts()
    contexts.context_for("localhost")
    trusting = ssl.create_default_context(cafile=root_path())
    with TrialServer(contexts.context_for) as server:
        silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
        assert ask(server.port, "a.localhost", trusting)
        for each in silent:
            each.close()

"""TLS by what comes back instead of a ClientHello's answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.tls import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

# RFC 8446, 6: level fatal, protocol_version (70); RFC 5246, 7.2: handshake_failure (40).
ALERT = bytes.fromhex("1503010002 0246")
OLD_ALERT = bytes.fromhex("1503000002 0228")
SERVER_HELLO = bytes.fromhex("160303005a 02000056 0303") + bytes(84)


def told(data: bytes) -> str | None:
    assert PROTOCOL.nonsense is not None
    found = PROTOCOL.nonsense(data)
    return None if found is None else found.told


def test_an_alert_proves_tls() -> None:
    assert told(ALERT) == "a TLS alert (fatal, 70)"
    assert told(OLD_ALERT) == "a TLS alert (fatal, 40)"


def test_a_handshake_record_of_a_server_proves_tls() -> None:
    assert told(SERVER_HELLO) == "a TLS handshake record"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        ALERT[:-1],
        bytes.fromhex("1503010003 024600"),
        bytes.fromhex("1503010002 0946"),
        bytes.fromhex("1503090002 0246"),
        bytes.fromhex("16030100c8 010000c4 0303"),  # a ClientHello comes from no server
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ],
)
def test_anything_else_proves_nothing(data: bytes) -> None:
    assert told(data) is None


@given(st.binary())
def test_survives_any_bytes(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, ALERT[:3] + data)


def test_survives_damage() -> None:
    assert survives_damage(PROTOCOL, ALERT)
    assert survives_damage(PROTOCOL, SERVER_HELLO)

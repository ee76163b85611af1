"""QUIC by the Version Negotiation packet that an unknown version brings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.endpoint import Transport
from homeport.wire.protocols.quic import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

CADDY = (
    bytes.fromhex("f300000000")
    + b"\x08homeport\x08identify"
    + bytes.fromhex("eada2a0a 00000001 6b3343cf")
)
"""Caddy 2.11 (quic-go): a reserved version, 1, and 2; the ids are ours, the other way round."""


def told(data: bytes) -> str | None:
    found = PROTOCOL.probes[0].read(data)
    return None if found is None else found.told


def test_the_versions_are_told() -> None:
    assert told(CADDY) == "version negotiation (1, 2)"


def test_versions_without_a_name_are_quic_too() -> None:
    assert told(CADDY[:23] + bytes.fromhex("ff00001d")) == "version negotiation"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        CADDY[:23],
        CADDY[:-1],
        b"\x43" + CADDY[1:],  # a short header
        CADDY[:1] + bytes.fromhex("00000001") + CADDY[5:],
        CADDY.replace(b"homeport", b"somebody"),  # an answer to somebody else
    ],
)
def test_anything_else_is_none(data: bytes) -> None:
    assert told(data) is None


def test_the_probe_is_what_a_server_answers_to() -> None:
    hello = PROTOCOL.probes[0].hello
    assert len(hello) == 1200  # RFC 9000, 14.1
    assert hello[0] & 0xC0 == 0xC0  # long header, fixed bit
    assert all(byte & 0x0F == 0x0A for byte in hello[1:5])  # reserved, 15
    assert PROTOCOL.transport is Transport.UDP


@given(st.binary())
def test_survives_any_bytes(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, CADDY[:23] + data)


def test_survives_damage() -> None:
    assert survives_damage(PROTOCOL, CADDY)

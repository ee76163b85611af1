"""ClickHouse: answers as its documentation has them. No real one can be had."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.clickhouse import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

(PING,) = PROTOCOL.probes
HEAD = b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Type: text/html; charset=UTF-8\r\n"
PLAIN = HEAD + b"\r\nOk.\n"
TOLD = HEAD + b"X-ClickHouse-Server-Display-Name: clickhouse01\r\n\r\nOk.\n"


def test_ping_says_ok() -> None:
    assert PING.read(PLAIN) == Finding("http", "Ok.", "ClickHouse")


def test_a_header_of_its_own_is_enough() -> None:
    found = PING.read(TOLD)
    assert found is not None
    assert found.told == "a header x-clickhouse-server-display-name"
    assert found.product == "ClickHouse"


def test_anything_else_is_somebody_elses() -> None:
    assert PING.read(HEAD + b"\r\nOK") is None
    assert PING.read(PLAIN.replace(b"200 OK", b"404 Not Found")) is None


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, HEAD + data)


def test_it_survives_damage() -> None:
    assert survives_damage(PROTOCOL, PLAIN)
    assert survives_damage(PROTOCOL, TOLD)

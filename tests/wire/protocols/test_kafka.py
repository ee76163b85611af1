from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.kafka import PROTOCOL
from tests.wire.protocols.surviving import no_beginning_is_enough, survives, survives_damage

# Composed from the specification: no broker was to be had.
RECORDED = (
    b"\x00\x00\x00.Hp\x00\x01\x00\x00\x00\x00\x00\x06\x00\x00\x00"
    b"\x00\x00\t\x00\x01\x00\x00\x00\t\x00\x02\x00\x00\x00\t\x00\x03"
    b"\x00\x00\x00\t\x00\x12\x00\x00\x00\t\x00\x13\x00\x00\x00\t"
)

READ = PROTOCOL.probes[0].read


def test_a_recorded_answer_is_understood() -> None:
    assert READ(RECORDED) == Finding("kafka", "ApiVersions, 6 kinds of requests")


def test_an_answer_is_read_when_it_is_whole() -> None:
    assert no_beginning_is_enough(PROTOCOL, RECORDED)


def test_the_request_carries_its_length() -> None:
    hello = PROTOCOL.probes[0].hello
    assert int.from_bytes(hello[:4], "big") == len(hello) - 4


@pytest.mark.parametrize(
    "said",
    [
        b"",
        RECORDED[:-1],
        RECORDED.replace(b"Hp", b"Hq"),
        RECORDED.replace(b"\0\x12\0", b"\0\x11\0"),
        RECORDED[:10] + b"\x7f\xff\xff\xff" + RECORDED[14:],
        b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n",
    ],
)
def test_what_others_say_is_no_answer(said: bytes) -> None:
    assert READ(said) is None


def test_damage_is_survived() -> None:
    assert survives_damage(PROTOCOL, RECORDED)


@given(st.binary())
def test_anything_is_survived(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, RECORDED[:6] + data)

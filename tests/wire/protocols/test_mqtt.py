from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.mqtt import PROTOCOL
from tests.wire.protocols.surviving import no_beginning_is_enough, survives, survives_damage

RECORDED = b" \x02\x00\x01"

READ = PROTOCOL.probes[0].read


def test_a_recorded_answer_is_understood() -> None:
    assert READ(RECORDED) == Finding("mqtt", "CONNACK (unacceptable protocol version)")


def test_an_answer_is_read_when_it_is_whole() -> None:
    assert no_beginning_is_enough(PROTOCOL, RECORDED)


@pytest.mark.parametrize(
    "connack", [b" \x02\x00\x00", b" \x02\x00\x05", b" \x02\x01\x00", b" \x03\x00\x84\x00"]
)
def test_a_refusal_proves_it_as_well(connack: bytes) -> None:
    found = READ(connack)
    assert found is not None
    assert found.protocol == "mqtt"


def test_no_client_is_thrown_out_for_no_id_is_named() -> None:
    for probe in PROTOCOL.probes:
        assert probe.hello[1] == len(probe.hello) - 2
        assert probe.hello[-2:] == b"\0\0"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b" \x02\x00",
        b" \x02\x00\x06",
        b" \x02\x02\x00",
        b" \x02\x01\x05",
        b" \x02\x00\x00 \x02\x00\x00",
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

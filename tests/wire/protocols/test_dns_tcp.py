from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.dns_tcp import PROTOCOL
from tests.wire.protocols.surviving import no_beginning_is_enough, survives, survives_damage

RECORDED = (
    b"\x007Hp\x84\x80\x00\x01\x00\x01\x00\x00\x00\x00\x07ve"
    b"rsion\x04bind\x00\x00\x10\x00\x03\xc0\x0c"
    b"\x00\x10\x00\x03\x00\x00\x00\x00\x00\r\x0cdnsmas"
    b"q-2.90"
)

READ = PROTOCOL.probes[0].read


def test_a_recorded_answer_is_understood() -> None:
    assert READ(RECORDED) == Finding("dns", '"dnsmasq-2.90"', "dnsmasq", "2.90")


def test_an_answer_is_read_when_it_is_whole() -> None:
    assert no_beginning_is_enough(PROTOCOL, RECORDED)


def test_a_refusal_is_an_answer() -> None:
    refused = b"Hp\x84\x85\x00\x01\x00\x00\x00\x00\x00\x00\x07version\x04bind\x00\x00\x10\x00\x03"
    assert READ(len(refused).to_bytes(2, "big") + refused) == Finding("dns", "REFUSED")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x00\x00",
        RECORDED[2:],
        RECORDED[:-1],
        b"\xff\xff" + RECORDED[2:],
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

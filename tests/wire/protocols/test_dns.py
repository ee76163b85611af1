from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.dns import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

RECORDED = (
    b"Hp\x84\x80\x00\x01\x00\x01\x00\x00\x00\x00\x07vers"
    b"ion\x04bind\x00\x00\x10\x00\x03\xc0\x0c\x00\x10"
    b"\x00\x03\x00\x00\x00\x00\x00\r\x0cdnsmasq-"
    b"2.90"
)

READ = PROTOCOL.probes[0].read


def test_a_recorded_answer_is_understood() -> None:
    assert READ(RECORDED) == Finding("dns", '"dnsmasq-2.90"', "dnsmasq", "2.90")


def test_a_refusal_is_an_answer() -> None:
    refused = b"Hp\x84\x85\x00\x01\x00\x00\x00\x00\x00\x00\x07version\x04bind\x00\x00\x10\x00\x03"
    assert READ(refused) == Finding("dns", "REFUSED")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        RECORDED[:11],
        b"HP" + RECORDED[2:],
        RECORDED[:2] + b"\x04" + RECORDED[3:],
        RECORDED[:12] + b"\x07VERSION\x05bind" + RECORDED[25:],
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

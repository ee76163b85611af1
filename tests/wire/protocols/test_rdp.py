from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.rdp import PROTOCOL
from tests.wire.protocols.surviving import no_beginning_is_enough, survives, survives_damage

RECORDED = b"\x03\x00\x00\x13\x0e\xd0\x00\x00\x124\x00\x02\x01\x08\x00\x01\x00\x00\x00"

READ = PROTOCOL.probes[0].read


def test_a_recorded_answer_is_understood() -> None:
    assert READ(RECORDED) == Finding("rdp", "TLS")


def test_an_answer_is_read_when_it_is_whole() -> None:
    assert no_beginning_is_enough(PROTOCOL, RECORDED)


@pytest.mark.parametrize(
    ("confirmation", "told"),
    [
        (b"\x03\x00\x00\x0b\x06\xd0\x00\x00\x124\x00", "standard RDP security"),
        (RECORDED[:11] + b"\x02\x00\x08\x00\x02\x00\x00\x00", "CredSSP"),
        (
            RECORDED[:11] + b"\x03\x00\x08\x00\x05\x00\x00\x00",
            "a refusal of the security offered (5)",
        ),
    ],
)
def test_the_security_is_told(confirmation: bytes, told: str) -> None:
    assert READ(confirmation) == Finding("rdp", told)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x03\x00\x00\x13",
        RECORDED[:5] + b"\xe0" + RECORDED[6:],
        RECORDED[:11] + b"\x07" + RECORDED[12:],
        b"\x03\x00\x00\x07\x02\xf0\x80",
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

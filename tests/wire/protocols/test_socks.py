from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.socks import PROTOCOL
from tests.wire.protocols.surviving import no_beginning_is_enough, survives, survives_damage

RECORDED = b"\x05\x00"

READ = PROTOCOL.probes[0].read


def test_a_recorded_answer_is_understood() -> None:
    assert READ(RECORDED) == Finding("socks5", "SOCKS5 without authentication")


def test_an_answer_is_read_when_it_is_whole() -> None:
    assert no_beginning_is_enough(PROTOCOL, RECORDED)


@pytest.mark.parametrize("choice", [b"\x05\x02", b"\x05\xff"])
def test_another_choice_proves_it_as_well(choice: bytes) -> None:
    found = READ(choice)
    assert found is not None
    assert found.protocol == "socks5"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\x05",
        b"\x04\x00",
        b"\x05\x01",
        b"\x05\x00\x00",
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

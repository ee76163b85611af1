from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.ldap import PROTOCOL
from tests.wire.protocols.surviving import no_beginning_is_enough, survives, survives_damage

RECORDED = b"00\x02\x01\x01d+\x04\x000'0%\x04\x0bobjectClass1\x16\x04\x03top\x04\x0fOpenLDAProotDSE"

READ = PROTOCOL.probes[0].read


def test_a_recorded_answer_is_understood() -> None:
    assert READ(RECORDED) == Finding("ldap", "its rootDSE", "OpenLDAP")


def test_an_answer_is_read_when_it_is_whole() -> None:
    assert no_beginning_is_enough(PROTOCOL, RECORDED)


def test_a_search_that_is_not_allowed_is_ldap_as_well() -> None:
    found = READ(b"0\x0c\x02\x01\x01e\x07\n\x01\x32\x04\x00\x04\x00")
    assert found == Finding("ldap", "the end of a search")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        RECORDED[:20],
        b"0\x0c\x02\x01\x02e\x07\n\x01\x00\x04\x00\x04\x00",
        b"0\x03\x02\x01\x01",
        b"0\x80\x02\x01\x01",
        b"0\x8f" + b"\xff" * 20,
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

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.amqp import PROTOCOL
from tests.wire.protocols.surviving import no_beginning_is_enough, survives, survives_damage

RECORDED = b"AMQP\x00\x00\t\x01"

READ = PROTOCOL.probes[0].read


def test_a_recorded_answer_is_understood() -> None:
    assert READ(RECORDED) == Finding("amqp", "the header of AMQP 0-9-1")


def test_an_answer_is_read_when_it_is_whole() -> None:
    assert no_beginning_is_enough(PROTOCOL, RECORDED)


def test_the_line_of_nonsense_is_answered_alike() -> None:
    assert PROTOCOL.nonsense is not None
    assert PROTOCOL.nonsense(RECORDED) == READ(RECORDED)


def test_amqp_1_0_asks_for_sasl_first() -> None:
    assert READ(b"AMQP\x03\x01\x00\x00") == Finding("amqp", "the header of AMQP 1.0")


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"AMQP",
        b"AMQP\xff\xff\xff\xff",
        b"@ / HTTP/1.1\r\n",
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

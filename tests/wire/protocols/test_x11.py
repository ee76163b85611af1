from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.x11 import PROTOCOL
from tests.wire.protocols.surviving import no_beginning_is_enough, survives, survives_damage

RECORDED = b"\x00\x19\x0b\x00\x00\x00\x07\x00Protocol version mismatch\x00\x00\x00"

READ = PROTOCOL.probes[0].read


def test_a_recorded_answer_is_understood() -> None:
    assert READ(RECORDED) == Finding("x11", 'X11 and "Protocol version mismatch"')


def test_an_answer_is_read_when_it_is_whole() -> None:
    assert no_beginning_is_enough(PROTOCOL, RECORDED)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\0" * 32,
        b"\x01" + RECORDED[1:],
        b"\x00\x19\x0c\x00" + RECORDED[4:],
        RECORDED[:6] + b"\x09\x00" + RECORDED[8:] + b"\0" * 9,
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


@pytest.mark.parametrize(
    ("command", "port", "harmed"),
    [
        ("Xvfb :99 -listen tcp", 6099, True),
        ("/usr/lib/xorg/Xorg :0 -noreset", 6000, False),
        ("Xephyr :1 -noreset -terminate", 6001, True),
        ("Xtigervnc :1 -rfbport 5901", 6001, False),
        ("xterm", 6001, False),
    ],
)
def test_a_command_line_tells_whether_a_connection_harms(
    command: str, port: int, *, harmed: bool
) -> None:
    assert PROTOCOL.harm is not None
    assert (PROTOCOL.harm(command.split(), port) is not None) == harmed

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.vnc import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

RECORDED = b"RFB 003.008\n"


@pytest.mark.parametrize(
    ("greeting", "product", "version"),
    [
        (RECORDED, None, None),
        (b"RFB 003.003\n\x00\x00\x00\x00\x00\x00\x00\x1aToo many security failures", None, None),
    ],
)
def test_a_greeting_is_recognised(
    greeting: bytes, product: str | None, version: str | None
) -> None:
    assert PROTOCOL.greeting is not None
    found = PROTOCOL.greeting(greeting)
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("vnc", product, version)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"RFB 003.008",
        b"RFB 3.8\n",
        b"RFC 003.008\n",
        b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n",
    ],
)
def test_what_others_say_is_no_greeting(said: bytes) -> None:
    assert PROTOCOL.greeting is not None
    assert PROTOCOL.greeting(said) is None


def test_damage_is_survived() -> None:
    assert survives_damage(PROTOCOL, RECORDED)


@given(st.binary())
def test_anything_is_survived(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, RECORDED[:6] + data)


@pytest.mark.parametrize(
    ("command", "port", "harmed"),
    [
        ("/usr/bin/Xtigervnc :1 -rfbport 5901 -localhost", 5901, True),
        ("/usr/bin/Xtigervnc :1 -rfbport=5950", 5950, True),
        ("Xvnc :3", 5903, True),
        ("Xvnc :3", 6003, False),
        ("/usr/bin/Xtigervnc :1 -rfbport -1", 5901, False),
        ("x0tigervncserver -display :0", 5900, True),
        ("x11vnc -display :0", 5900, False),
        ("wayvnc", 5900, False),
        ("", 5900, False),
    ],
)
def test_a_server_that_counts_is_left_alone(command: str, port: int, *, harmed: bool) -> None:
    assert PROTOCOL.harm is not None
    assert (PROTOCOL.harm(command.split(), port) is not None) == harmed

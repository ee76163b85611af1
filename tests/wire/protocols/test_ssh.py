from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.ssh import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

RECORDED = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\r\n"


@pytest.mark.parametrize(
    ("greeting", "product", "version"),
    [
        (RECORDED, "OpenSSH", "9.2p1"),
        (b"SSH-2.0-dropbear_2022.83\r\n", "Dropbear", "2022.83"),
        (b"SSH-2.0-OpenSSH_for_Windows_8.1\r\n", "OpenSSH", "8.1"),
        (b"hello\r\nSSH-2.0-paramiko_3.4.0\r\n", "Paramiko", "3.4.0"),
        (b"SSH-1.99-Cisco-1.25\n", None, None),
    ],
)
def test_a_greeting_names_its_product(
    greeting: bytes, product: str | None, version: str | None
) -> None:
    assert PROTOCOL.greeting is not None
    found = PROTOCOL.greeting(greeting)
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("ssh", product, version)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2p1",
        b"SSH-\r\n",
        b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n",
        b"SSH-2.0-\x1b[2J\r\n",
        b"\r\n" * 9000,
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

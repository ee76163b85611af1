from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.pop3 import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

RECORDED = b"+OK Dovecot (Debian) ready.\r\n"


@pytest.mark.parametrize(
    ("greeting", "product", "version"),
    [
        (RECORDED, "Dovecot", None),
        (b"+OK POP3 GreenMail Server v2.1.0 ready\r\n", "GreenMail", "2.1.0"),
        (b"+OK <1896.697170952@dbc.example> POP3 server ready\r\n", None, None),
    ],
)
def test_a_greeting_names_its_product(
    greeting: bytes, product: str | None, version: str | None
) -> None:
    assert PROTOCOL.greeting is not None
    found = PROTOCOL.greeting(greeting)
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("pop3", product, version)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"+OK\r\n",
        b"+OK \r\n",
        b"+OK ready",
        b"+PONG\r\n",
        b"-ERR unknown command\r\n",
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

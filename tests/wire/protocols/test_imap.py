from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.imap import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

RECORDED = (
    b"* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE"
    b" IDLE] Dovecot (Debian) ready.\r\n"
)


@pytest.mark.parametrize(
    ("greeting", "product", "version"),
    [
        (RECORDED, "Dovecot", None),
        (b"* OK [CAPABILITY IMAP4rev1] box Cyrus IMAP 3.6.1 ready\r\n", "Cyrus IMAP", "3.6.1"),
        (b"* PREAUTH [CAPABILITY IMAP4rev1] Logged in as me\r\n", None, None),
        (b"* BYE too many connections\r\n", None, None),
    ],
)
def test_a_greeting_names_its_product(
    greeting: bytes, product: str | None, version: str | None
) -> None:
    assert PROTOCOL.greeting is not None
    found = PROTOCOL.greeting(greeting)
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("imap", product, version)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"* OK ready",
        b"*1\r\n",
        b"+OK ready\r\n",
        b"* NO ready\r\n",
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

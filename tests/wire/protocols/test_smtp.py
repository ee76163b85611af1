from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.smtp import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

RECORDED = b"220 localhost Python SMTP 1.4.6\r\n"


@pytest.mark.parametrize(
    ("greeting", "product", "version"),
    [
        (RECORDED, "aiosmtpd", "1.4.6"),
        (b"220 mail.example.org ESMTP Postfix (Debian/GNU)\r\n", "Postfix", None),
        (b"220 box ESMTP Exim 4.96 Wed, 25 Nov 2026 22:00:00 +0000\r\n", "Exim", "4.96"),
        (b"220-mail.example.org hello\r\n220 go on\r\n", None, None),
        (b"220 mailhog.example ESMTP MailHog\r\n", "MailHog", None),
    ],
)
def test_a_greeting_names_its_product(
    greeting: bytes, product: str | None, version: str | None
) -> None:
    assert PROTOCOL.greeting is not None
    found = PROTOCOL.greeting(greeting)
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("smtp", product, version)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"220 localhost Python SMTP 1.4.6",
        b"220 pyftpdlib 2.2.0 ready.\r\n",
        b"220 (vsFTPd 3.0.3)\r\n",
        b"220 ready\r\n",
        b"220 ftp.example.org FTP server ready.\r\n",
        b"220 box LMTP\r\n",
        b"554 box ESMTP\r\n",
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

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.ftp import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

RECORDED = b"220 pyftpdlib 2.2.0 ready.\r\n"


@pytest.mark.parametrize(
    ("greeting", "product", "version"),
    [
        (RECORDED, "pyftpdlib", "2.2.0"),
        (b"220 (vsFTPd 3.0.3)\r\n", "vsftpd", "3.0.3"),
        (b"220 ProFTPD Server (Debian) [::ffff:127.0.0.1]\r\n", "ProFTPD", None),
        (b"220-FileZilla Server 1.8.2\r\n220 Please visit\r\n", "FileZilla Server", "1.8.2"),
        (b"220 box FTP server ready\r\n", None, None),
    ],
)
def test_a_greeting_names_its_product(
    greeting: bytes, product: str | None, version: str | None
) -> None:
    assert PROTOCOL.greeting is not None
    found = PROTOCOL.greeting(greeting)
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("ftp", product, version)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"220 pyftpdlib 2.2.0 ready.",
        b"220 localhost Python SMTP 1.4.6\r\n",
        b"220 mail.example.org ESMTP Postfix\r\n",
        b"220\r\n",
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

"""MQTT 3.1.1: CONNECT with a clean session and an id of the server's choice, and DISCONNECT.

An id in use would throw its client out; an empty one cannot be in use (3.1.3.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.see.diagnose.case import Talk
from homeport.see.diagnose.dialects import Dialect, told_user
from homeport.wire.exchange import Conversation, Turn

if TYPE_CHECKING:
    from homeport.wire.service_url import Service

WAIT_MS = 1200
_CLEAN, _PASSWORD, _USER = 0x02, 0x40, 0x80
_DISCONNECT = b"\xe0\x00"
_REFUSALS = {
    1: "unacceptable protocol version",
    2: "identifier rejected",
    3: "server unavailable",
    4: "bad user name or password",
    5: "not authorized",
    0x84: "unsupported protocol version",
    0x86: "bad user name or password",
    0x87: "not authorized",
}


def converse(service: Service) -> Conversation[Talk]:
    """One session of no length."""
    return (yield from told_user(_connected(service), service, service.user or "nobody"))


def _connected(service: Service) -> Conversation[Talk]:
    heard = yield Turn(
        connect(service.user, service.password),
        lambda data: len(data) >= 4,
        WAIT_MS,
        alpn=() if service.over_tls else None,
        verify=service.host if service.over_tls else None,
    )
    if len(heard.data) < 4 or heard.data[0] != 0x20:
        return Talk(heard)
    code = heard.data[3]
    if code == 0:
        yield Turn(_DISCONNECT, wait_ms=0, fresh=False)
        return Talk(heard, healthy=True)
    return Talk(heard, error=(str(code), _REFUSALS.get(code, "the connection is refused")))


def connect(user: str | None, password: str | None) -> bytes:
    """A CONNECT packet; a password needs a user (3.1.2.9)."""
    flags = _CLEAN | (_USER if user else 0) | (_PASSWORD if user and password is not None else 0)
    body = b"\x00\x04MQTT\x04" + bytes([flags]) + b"\x00\x0a" + _field("")
    body += _field(user) if user else b""
    body += _field(password) if user and password is not None else b""
    return b"\x10" + _length(len(body)) + body


def _field(text: str) -> bytes:
    encoded = text.encode("utf-8", "replace")[:65535]
    return len(encoded).to_bytes(2, "big") + encoded


def _length(number: int) -> bytes:
    """Seven bits an octet, the lowest first (2.2.3)."""
    octets = bytearray()
    while True:
        number, low = divmod(number, 128)
        octets.append(low | (0x80 if number else 0))
        if not number:
            return bytes(octets)


DIALECT = Dialect(converse)

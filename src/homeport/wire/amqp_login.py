"""AMQP 0-9-1, from the server's first frame to an open connection (specification, 1.4 and 4.2).

A frame is a type, a channel, a length, a payload and the octet 0xCE; a method's payload begins with
the numbers of its class and of itself.
"""

from __future__ import annotations

import struct

from homeport.model.record import NamedTuple

START, TUNE, OPEN_OK, CLOSE = (10, 10), (10, 30), (10, 41), (10, 50)

_METHOD, _END = 1, 0xCE
_MOST = 1 << 17
# A server that knows of it says why a login failed, before it hangs up (RabbitMQ).
_SAYS_WHY = b"\x1cauthentication_failure_closet\x01"


class Method(NamedTuple):
    """One method of the server: its class and number, and its arguments."""

    number: tuple[int, int]
    arguments: bytes


def read_methods(data: bytes) -> tuple[Method, ...] | None:
    """All whole methods from the beginning on; None where that is not AMQP 0-9-1."""
    found: list[Method] = []
    at = 0
    while at + 7 <= len(data):
        kind, _, size = struct.unpack_from(">BHI", data, at)
        end = at + 7 + size
        if kind not in {1, 2, 3, 8} or size > _MOST or (end < len(data) and data[end] != _END):
            return tuple(found) or None
        if end >= len(data):
            break
        if kind == _METHOD and size >= 4:
            number = struct.unpack_from(">HH", data, at + 7)
            found.append(Method((number[0], number[1]), data[at + 11 : end]))
        at = end + 1
    return tuple(found)


def _method(number: tuple[int, int], arguments: bytes) -> bytes:
    payload = struct.pack(">HH", *number) + arguments
    return struct.pack(">BHI", _METHOD, 0, len(payload)) + payload + bytes([_END])


def start_ok(user: str, password: str) -> bytes:
    """The login, with the mechanism PLAIN (RFC 4616)."""
    capabilities = _long(_SAYS_WHY)
    properties = _long(_short("capabilities") + b"F" + capabilities)
    response = f"\0{user}\0{password}".encode()
    return _method((10, 11), properties + _short("PLAIN") + _long(response) + _short("en_US"))


def tune_ok_and_open(tune: bytes, vhost: str) -> bytes:
    """What the server has proposed, without heartbeats, and the virtual host."""
    return _method((10, 31), tune[:6] + b"\0\0") + _method((10, 40), _short(vhost) + b"\0\0")


def close() -> bytes:
    """Good-bye."""
    return _method(CLOSE, struct.pack(">H", 200) + _short("bye") + bytes(4))


def close_ok() -> bytes:
    """The answer to the server's good-bye."""
    return _method((10, 51), b"")


def read_close(arguments: bytes) -> tuple[str, str] | None:
    """Code and text of a Close."""
    if len(arguments) < 3:
        return None
    code = int.from_bytes(arguments[:2], "big")
    return str(code), arguments[3 : 3 + arguments[2]].decode("utf-8", "replace")


def _short(text: str) -> bytes:
    encoded = text.encode("utf-8", "replace")[:255]
    return bytes([len(encoded)]) + encoded


def _long(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data

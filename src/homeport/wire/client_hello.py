"""The first message of a TLS client (RFC 8446, 4.1.2): for whom it comes, and what it can speak.

Only a hello that is whole and in one record is read, as clients send it: who looks at it in passing
loses nothing by leaving any other to the TLS library.
"""

from __future__ import annotations

from homeport.model.record import NamedTuple

LONGEST_BYTES = 5 + (1 << 14)
"""A record is no longer than this."""

_HANDSHAKE, _CLIENT_HELLO = 22, 1
_SERVER_NAME, _ALPN = 0, 16
_VERSION_AND_RANDOM_BYTES = 34


class ClientHello(NamedTuple):
    """The name that the client means (SNI, RFC 6066), in lower case; what it offers (ALPN)."""

    name: str | None = None
    protocols: tuple[bytes, ...] = ()


class _TooShort(Exception):
    """A length leads beyond what there is."""


def read_client_hello(data: bytes) -> ClientHello | None:
    """What a client says; None for what is no hello, is broken, or has not come altogether."""
    try:
        body = _body(data)
        return None if body is None else _read(body)
    except _TooShort:
        return None


def _body(data: bytes) -> bytes | None:
    """The message within its record, which holds it and nothing else."""
    if len(data) < 9 or data[0] != _HANDSHAKE or data[1] != 3 or data[5] != _CLIENT_HELLO:
        return None
    record = int.from_bytes(data[3:5], "big")
    message = int.from_bytes(data[6:9], "big")
    if record != message + 4 or len(data) < 5 + record:
        return None
    return data[9 : 5 + record]


def _read(body: bytes) -> ClientHello:
    at = _VERSION_AND_RANDOM_BYTES
    _, at = _vector(body, at, 1)  # the session
    _, at = _vector(body, at, 2)  # cipher suites
    _, at = _vector(body, at, 1)  # compression
    if at == len(body):
        return ClientHello()
    extensions, _ = _vector(body, at, 2)
    hello = ClientHello()
    at = 0
    while at < len(extensions):
        kind = int.from_bytes(extensions[at : at + 2], "big")
        content, at = _vector(extensions, at + 2, 2)
        if kind == _SERVER_NAME:
            hello = hello._replace(name=_name(content))
        elif kind == _ALPN:
            hello = hello._replace(protocols=_protocols(content))
    return hello


def _vector(data: bytes, at: int, size: int) -> tuple[bytes, int]:
    """What a length of that many bytes announces, and where it ends."""
    begin = at + size
    end = begin + int.from_bytes(data[at:begin], "big")
    if end > len(data) or begin > len(data):
        raise _TooShort
    return data[begin:end], end


def _name(content: bytes) -> str | None:
    names, _ = _vector(content, 0, 2)
    if names[:1] != b"\0":  # host_name is the only kind that there is
        return None
    name, _ = _vector(names, 1, 2)
    try:
        return name.decode("ascii").lower().removesuffix(".") or None
    except UnicodeDecodeError:
        return None


def _protocols(content: bytes) -> tuple[bytes, ...]:
    offered, _ = _vector(content, 0, 2)
    found: list[bytes] = []
    at = 0
    while at < len(offered):
        protocol, at = _vector(offered, at, 1)
        found.append(protocol)
    return tuple(found)

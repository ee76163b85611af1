"""A TLS 1.2 handshake as far as it goes in the clear (RFC 5246): our hello out, the server's in.

TLS 1.3 encrypts its certificates (RFC 8446, 4.4); a server that also speaks 1.2 shows here, before
any key is agreed on, the whole chain that it sends and whether it asks for a client's certificate.
"""

from __future__ import annotations

from struct import pack

from homeport.model.record import NamedTuple

_ALERT, _HANDSHAKE = 21, 22
_SERVER_HELLO, _CERTIFICATE, _CERTIFICATE_REQUEST, _DONE = 2, 11, 13, 14
_MOST_CERTIFICATES = 16

_SUITES = (
    *(0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA9, 0xCCA8),  # ECDHE, GCM and ChaCha20
    *(0xC009, 0xC00A, 0xC013, 0xC014, 0x009E, 0x009F, 0x0033, 0x0039),  # CBC, and DHE
    *(0x009C, 0x009D, 0x002F, 0x0035, 0x000A),  # RSA
)
_SIGNATURES = (0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0807, 0x0401, 0x0501, 0x0601)
_OLD_SIGNATURES = (0x0203, 0x0201)
_GROUPS = (0x001D, 0x0017, 0x0018, 0x0019)
_RANDOM = b"homeport looks at your handshake"

ALERTS = {
    40: "handshake_failure",
    42: "bad_certificate",
    43: "unsupported_certificate",
    48: "unknown_ca",
    49: "access_denied",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    112: "unrecognized_name",
    116: "certificate_required",
    120: "no_application_protocol",
}
"""The fatal alerts that a server refuses a client with (RFC 8446, 6)."""


class Flight(NamedTuple):
    """What the server said first.

    `version` is the one that it chose, `certificates` the chain in DER as sent, the server's own
    first. `client_certificate`: it asks for one. `alert` is the number of the alert that it ended
    with. `done`: all of it has come, so that what is not there was not said.
    """

    version: str | None = None
    certificates: tuple[bytes, ...] = ()
    client_certificate: bool = False
    alert: int | None = None
    done: bool = False


def client_hello(name: str | None) -> bytes:
    """The first message of a client that speaks TLS 1.0 to 1.2, for a host of that name."""
    suites = b"".join(pack(">H", each) for each in _SUITES)
    signatures = b"".join(pack(">H", each) for each in _SIGNATURES + _OLD_SIGNATURES)
    groups = b"".join(pack(">H", each) for each in _GROUPS)
    extensions = b"".join(
        (
            _extension(0, _server_name(name)) if name and name.isascii() else b"",
            _extension(10, _vector(groups)),
            _extension(11, b"\1\0"),
            _extension(13, _vector(signatures)),
            _extension(23, b""),
            _extension(0xFF01, b"\0"),
        )
    )
    body = b"\3\3" + _RANDOM + b"\0" + _vector(suites) + b"\1\0" + _vector(extensions)
    message = b"\1" + len(body).to_bytes(3, "big") + body
    return b"\x16\3\1" + _vector(message)


def _extension(number: int, data: bytes) -> bytes:
    return pack(">H", number) + _vector(data)


def _vector(data: bytes) -> bytes:
    return pack(">H", len(data)) + data


def _server_name(name: str) -> bytes:
    return _vector(b"\0" + _vector(name.encode("ascii")))


def read_flight(data: bytes) -> Flight | None:
    """What a server said to a hello, as far as it has come; None for what is no TLS."""
    messages = bytearray()
    flight = Flight()
    at = 0
    while at + 5 <= len(data):
        kind, length = data[at], int.from_bytes(data[at + 3 : at + 5], "big")
        if kind not in (_ALERT, _HANDSHAKE) or data[at + 1] != 3 or length > 1 << 14:
            break
        content = data[at + 5 : at + 5 + length]
        if kind == _HANDSHAKE:
            messages += content
        elif len(content) == 2:
            flight = flight._replace(alert=content[1])
        at += 5 + length
    if at == 0:
        return None
    return _understood(bytes(messages), flight)


def _understood(messages: bytes, flight: Flight) -> Flight:
    at = 0
    while at + 4 <= len(messages):
        kind, length = messages[at], int.from_bytes(messages[at + 1 : at + 4], "big")
        body = messages[at + 4 : at + 4 + length]
        if len(body) < length:
            break
        flight = _with(flight, kind, body)
        at += 4 + length
    return flight


def _with(flight: Flight, kind: int, body: bytes) -> Flight:
    if kind == _SERVER_HELLO and len(body) >= 2:
        return flight._replace(version=_VERSIONS.get(body[:2]))
    if kind == _CERTIFICATE:
        return flight._replace(certificates=_certificates(body))
    if kind == _CERTIFICATE_REQUEST:
        return flight._replace(client_certificate=True)
    return flight._replace(done=True) if kind == _DONE else flight


_VERSIONS = {b"\3\0": "SSLv3", b"\3\1": "TLSv1", b"\3\2": "TLSv1.1", b"\3\3": "TLSv1.2"}


def _certificates(body: bytes) -> tuple[bytes, ...]:
    found: list[bytes] = []
    at = 3
    while at + 3 <= len(body) and len(found) < _MOST_CERTIFICATES:
        length = int.from_bytes(body[at : at + 3], "big")
        der = body[at + 3 : at + 3 + length]
        if len(der) < length or not length:
            break
        found.append(der)
        at += 3 + length
    return tuple(found)


def is_whole(data: bytes) -> bool:
    """Whether nothing more has to be waited for."""
    flight = read_flight(data)
    if flight is None:
        return len(data) >= 5
    return flight.done or flight.alert is not None

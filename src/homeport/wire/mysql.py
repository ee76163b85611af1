"""MySQL's packets at login (MySQL Internals: Connection Phase): the greeting, and what answers it.

Nothing is opened. A password is hashed with the server's salt; in the clear it is only in what the
caller says over TLS.
"""

from __future__ import annotations

from hashlib import sha1, sha256

from homeport.model.record import NamedTuple

COM_QUIT, COM_PING = b"\x01", b"\x0e"
OK, MORE, SWITCH, ERROR = 0x00, 0x01, 0xFE, 0xFF
FAST_OK, FULL = b"\x03", b"\x04"

NATIVE, SHA2, CLEAR = "mysql_native_password", "caching_sha2_password", "mysql_clear_password"
SHA256 = "sha256_password"

WITH_DATABASE, TLS = 0x8, 0x800
_LONG_PASSWORD, _PROTOCOL_41, _TRANSACTIONS = 0x1, 0x200, 0x2000
_SECURE, _PLUGINS = 0x8000, 0x80000
_WANTED = _LONG_PASSWORD | _PROTOCOL_41 | _TRANSACTIONS | _SECURE | _PLUGINS
_UTF8 = 33
_MOST_PACKET = 1 << 24
_MOST_GREETING = 1024


class Packet(NamedTuple):
    """One packet: its number in the exchange, and its payload."""

    number: int
    payload: bytes


class Greeting(NamedTuple):
    """The Initial Handshake Packet, version 10: who is there, what it can, and its salt."""

    version: str
    capabilities: int
    salt: bytes
    plugin: str


def packet(number: int, payload: bytes) -> bytes:
    """A packet to be sent."""
    return len(payload).to_bytes(3, "little") + bytes([number & 0xFF]) + payload


def read_packet(data: bytes) -> Packet | None:
    """The first packet, once it is whole."""
    length = int.from_bytes(data[:3], "little")
    if len(data) < 4 + length or len(data) < 4:
        return None
    return Packet(data[3], data[4 : 4 + length])


def read_last_packet(data: bytes) -> Packet | None:
    """The last of the packets that have come, if all are whole."""
    last = None
    while data:
        last = read_packet(data)
        if last is None:
            return None
        data = data[4 + len(last.payload) :]
    return last


def cannot_be(data: bytes) -> bool:
    """Whether these bytes begin no server's first packet: it is number 0, short, 10 or an error."""
    length = int.from_bytes(data[:3], "little")
    if len(data) < 5:
        return False
    return data[3] != 0 or length > _MOST_GREETING or data[4] not in {0x0A, ERROR}


def read_greeting(payload: bytes) -> Greeting | None:
    """The greeting; None where it is another packet."""
    version, ended, rest = payload[1:].partition(b"\0")
    if payload[:1] != b"\x0a" or not ended or len(rest) < 15:
        return None
    low = int.from_bytes(rest[13:15], "little")
    high = int.from_bytes(rest[18:20], "little")
    capabilities = low | high << 16
    length = max(13, (rest[20] if len(rest) > 20 else 0) - 8)
    salt = rest[4:12] + rest[31 : 31 + length].rstrip(b"\0")
    plugin = rest[31 + length :].partition(b"\0")[0] if capabilities & _PLUGINS else b""
    return Greeting(
        version.decode("latin-1"), capabilities, salt[:20], plugin.decode("latin-1") or NATIVE
    )


def ssl_request(greeting: Greeting, database: str | None) -> bytes:
    """The first part of a login, after which TLS begins."""
    return _head(_capabilities(greeting, database) | TLS)


def login(greeting: Greeting, user: str, proof: bytes, database: str | None, *, tls: bool) -> bytes:
    """HandshakeResponse41."""
    capabilities = _capabilities(greeting, database)
    body = _head(capabilities | (TLS if tls else 0))
    body += _text(user) + bytes([len(proof)]) + proof
    if capabilities & WITH_DATABASE:
        body += _text(database or "")
    if capabilities & _PLUGINS:
        body += _text(greeting.plugin)
    return body


def _capabilities(greeting: Greeting, database: str | None) -> int:
    wanted = _WANTED | (WITH_DATABASE if database else 0)
    return wanted & greeting.capabilities


def _head(capabilities: int) -> bytes:
    most = _MOST_PACKET.to_bytes(4, "little")
    return capabilities.to_bytes(4, "little") + most + bytes([_UTF8]) + bytes(23)


def _text(text: str) -> bytes:
    return text.encode("utf-8", "replace").replace(b"\0", b"") + b"\0"


def proof_of(plugin: str, password: str, salt: bytes) -> bytes | None:
    """What proves the password to a plugin without telling it; None for a plugin without such."""
    if not password:
        return b""
    secret = password.encode()
    if plugin == NATIVE:
        return _native(secret, salt)
    return _sha2(secret, salt) if plugin == SHA2 else None


def _native(secret: bytes, salt: bytes) -> bytes:
    """SHA1(password) XOR SHA1(salt, SHA1(SHA1(password)))."""
    once = sha1(secret, usedforsecurity=False).digest()
    twice = sha1(once, usedforsecurity=False).digest()
    return _xor(once, sha1(salt + twice, usedforsecurity=False).digest())


def _sha2(secret: bytes, salt: bytes) -> bytes:
    """SHA256(password) XOR SHA256(SHA256(SHA256(password)), salt)."""
    once = sha256(secret).digest()
    return _xor(once, sha256(sha256(once).digest() + salt).digest())


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def read_switch(payload: bytes) -> tuple[str, bytes] | None:
    """The plugin and the salt that an AuthSwitchRequest names."""
    name, ended, salt = payload[1:].partition(b"\0")
    if payload[:1] != bytes([SWITCH]) or not ended:
        return None
    return name.decode("latin-1"), salt.rstrip(b"\0")[:20]


def read_error(payload: bytes) -> tuple[str, str] | None:
    """The number and text of an ERR_Packet; before a login it has no SQLSTATE."""
    if payload[:1] != bytes([ERROR]) or len(payload) < 4:
        return None
    code = int.from_bytes(payload[1:3], "little")
    words = payload[9:] if payload[3:4] == b"#" else payload[3:]
    return str(code), words[:1024].decode("utf-8", "replace")

"""PostgreSQL's messages (Frontend/Backend Protocol 3.0): what a client says, and how to read.

A message is a letter, a length that counts itself, and a body; only what opens a connection has no
letter. Passwords appear in what is to be said, and nowhere else.
"""

from __future__ import annotations

from hashlib import md5

from homeport.model.record import NamedTuple

SSL_REQUEST = bytes.fromhex("00000008 04d2162f")
TERMINATE = b"X\x00\x00\x00\x04"

_VERSION_3 = b"\x00\x03\x00\x00"
_MOST = 1 << 17
_SPOKEN_AT_LOGIN = b"RESKZNvA"


class Message(NamedTuple):
    """One message of the server: its letter and its body."""

    letter: bytes
    body: bytes


def startup(parameters: dict[str, str]) -> bytes:
    """The message that opens a connection."""
    body = b"".join(
        part.encode("utf-8", "replace").replace(b"\0", b"") + b"\0"
        for pair in parameters.items()
        for part in pair
    )
    return (len(body) + 9).to_bytes(4, "big") + _VERSION_3 + body + b"\0"


def message(letter: bytes, body: bytes) -> bytes:
    """A message of the client."""
    return letter + (len(body) + 4).to_bytes(4, "big") + body


def password_message(secret: bytes) -> bytes:
    """A password, or the hash of one."""
    return message(b"p", secret.replace(b"\0", b"") + b"\0")


def md5_secret(user: str, password: str, salt: bytes) -> bytes:
    """What MD5 authentication wants (55.2.1)."""
    inner = md5((password + user).encode(), usedforsecurity=False).hexdigest()
    return b"md5" + md5(inner.encode() + salt, usedforsecurity=False).hexdigest().encode()


def sasl_first(mechanism: bytes, data: bytes) -> bytes:
    """SASLInitialResponse."""
    return message(b"p", mechanism + b"\0" + len(data).to_bytes(4, "big") + data)


def read_messages(data: bytes) -> tuple[Message, ...] | None:
    """All whole messages from the beginning on; None where that is not this protocol."""
    found: list[Message] = []
    at = 0
    while at + 5 <= len(data):
        length = int.from_bytes(data[at + 1 : at + 5], "big")
        if data[at] not in _SPOKEN_AT_LOGIN or not 4 <= length <= _MOST:
            return None if not found else tuple(found)
        if at + 1 + length > len(data):
            break
        found.append(Message(data[at : at + 1], data[at + 5 : at + 1 + length]))
        at += 1 + length
    if not found and data and data[0] not in _SPOKEN_AT_LOGIN:
        return None
    return tuple(found)


def is_settled(data: bytes) -> bool:
    """Whether it is the client's turn: ready, refused, asked for proof, or nothing to be read."""
    found = read_messages(data)
    if found is None:
        return True
    return any(each.letter in b"EZ" or _asks(each) for each in found)


def _asks(found: Message) -> bool:
    return found.letter == b"R" and authentication(found) not in {0, 12}


def authentication(found: Message) -> int:
    """Which kind of proof an Authentication message asks for: 0 none, 3 clear, 5 MD5, 10 SASL."""
    return int.from_bytes(found.body[:4], "big")


def error_fields(body: bytes) -> dict[str, str]:
    """The fields of an ErrorResponse by their letters: `C` the SQLSTATE, `M` the text."""
    parts = (each.decode("utf-8", "replace") for each in body[:4096].split(b"\0"))
    return {each[0]: each[1:] for each in parts if each}


def parameters(found: tuple[Message, ...]) -> dict[str, str]:
    """What the server tells of itself in ParameterStatus messages."""
    told: dict[str, str] = {}
    for each in found:
        if each.letter == b"S":
            name, _, value = each.body.partition(b"\0")
            told[name.decode("utf-8", "replace")] = value.rstrip(b"\0").decode("utf-8", "replace")
    return told

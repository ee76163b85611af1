"""SCRAM, the client's side, without channel binding (RFC 5802; SHA-256: RFC 7677).

Pure: the nonce comes from the caller, and nothing is kept. The password never leaves: what is sent
proves that it is known.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from hashlib import new, pbkdf2_hmac
from unicodedata import normalize

from homeport.model.record import NamedTuple

_NO_CHANNEL_BINDING = "n,,"
_MOST_ITERATIONS = 1_000_000
"""Half a second of work. PostgreSQL's default is 4096, MongoDB's 15000."""

_MOST = 4096


class Proof(NamedTuple):
    """The client's last message, and the signature by which the server then proves itself."""

    message: bytes
    server_signature: bytes


def first_bare(user: str, nonce: str) -> str:
    """The client's first message without its header; a `,` or `=` in the name is quoted."""
    return f"n={user.replace('=', '=3D').replace(',', '=2C')},r={nonce}"


def first_message(bare: str) -> bytes:
    """The client's first message."""
    return f"{_NO_CHANNEL_BINDING}{bare}".encode()


def prove(bare: str, server_first: bytes, password: bytes, algorithm: str) -> Proof | None:
    """The answer to the server's first message; None where that is none, or not to our nonce."""
    fields = _fields(server_first)
    nonce, own = fields.get("r", ""), bare.rpartition(",r=")[2]
    count = fields.get("i", "")
    salt = _decoded(fields.get("s", ""))
    if not nonce.startswith(own) or nonce == own or not salt or not _is_count(count):
        return None
    salted = pbkdf2_hmac(algorithm, password, salt, int(count))
    key = hmac.digest(salted, b"Client Key", algorithm)
    header = b64encode(_NO_CHANNEL_BINDING.encode()).decode()
    final = f"c={header},r={nonce}"
    said = f"{bare},{server_first.decode('utf-8', 'replace')},{final}".encode()
    signature = hmac.digest(new(algorithm, key).digest(), said, algorithm)
    proof = b64encode(bytes(one ^ other for one, other in zip(key, signature, strict=True)))
    server_key = hmac.digest(salted, b"Server Key", algorithm)
    return Proof(
        final.encode() + b",p=" + proof,
        hmac.digest(server_key, said, algorithm),
    )


def is_proven(server_final: bytes, proof: Proof) -> bool:
    """Whether the server knows the password, too."""
    found = _decoded(_fields(server_final).get("v", ""))
    return found is not None and hmac.compare_digest(found, proof.server_signature)


def prepared(password: str) -> bytes:
    """A password as SASLprep wants it (RFC 4013), as far as normalization goes."""
    return (password if password.isascii() else normalize("NFKC", password)).encode()


def _fields(message: bytes) -> dict[str, str]:
    pairs = (each.partition("=") for each in message[:_MOST].decode("utf-8", "replace").split(","))
    return {name: value for name, equals, value in pairs if equals}


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 8 and 0 < int(text) <= _MOST_ITERATIONS


def _decoded(text: str) -> bytes | None:
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):
        return None

"""What a PostgreSQL client sends before anything else: whether TLS, or GSSAPI, is spoken.

PostgreSQL's protocol 3.0, "SSL Session Encryption": eight bytes, answered by one letter; a hello
of TLS follows a yes, and another question or the login a no.
"""

from __future__ import annotations

SIZE_BYTES = 8
YES, NO = b"S", b"N"

_SSL_REQUEST = b"\0\0\0\x08\x04\xd2\x16\x2f"
_GSS_REQUEST = b"\0\0\0\x08\x04\xd2\x16\x30"
_NEEDS_TLS = (
    "the name of the database server has to come in a TLS hello",
    "connect with sslmode=require, or to the port of the service itself",
)


def answer(first: bytes) -> bytes:
    """What is said to the first eight bytes: `YES`, `NO`, an error in full, or nothing."""
    if first == _SSL_REQUEST:
        return YES
    if first == _GSS_REQUEST:
        return NO
    # Version 3 of the protocol: a login without TLS.
    return _error("08004", *_NEEDS_TLS) if first[4:6] == b"\0\3" else b""


def not_now(why: str) -> bytes:
    """What is said to a client whose server does not run."""
    return _error("57P03", why, "homeport logs shows what it said last")


def _error(code: str, what: str, hint: str) -> bytes:
    fields = {"S": "FATAL", "V": "FATAL", "C": code, "M": what, "H": hint}
    body = b"".join(f"{key}{value}\0".encode() for key, value in fields.items()) + b"\0"
    return b"E" + (len(body) + 4).to_bytes(4, "big") + body

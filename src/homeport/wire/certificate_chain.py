"""Who has issued whom among X.509 certificates (RFC 5280, 6.1): names and signatures, no trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.wire.certificates import loaded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography import x509

_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
_MOST = 500


def of_pem(data: bytes) -> list[bytes]:
    """The certificates of a PEM file, in DER; what is broken is left out."""
    from base64 import b64decode
    from binascii import Error

    found: list[bytes] = []
    for piece in data.split(_BEGIN)[1 : _MOST + 1]:
        text, end, _ = piece.partition(_END)
        try:
            found += [b64decode(b"".join(text.split()), validate=True)] if end else []
        except Error:
            continue
    return found


def issuers_of(der: bytes, candidates: Iterable[bytes]) -> list[bytes]:
    """Those of the candidates that have issued the certificate: name and signature fit."""
    child = loaded(der)
    if child is None:
        return []
    # A name is in the bytes as it is: most candidates are told apart without reading them.
    name = child.issuer.public_bytes()
    return [each for each in candidates if name in each and _has_issued(each, child)]


def namesake_of(der: bytes, candidates: Iterable[bytes]) -> str | None:
    """The issuer's name, where a candidate bears it and has another key: it was made anew."""
    child = loaded(der)
    if child is None:
        return None
    name = child.issuer.public_bytes()
    parents = [loaded(each) for each in candidates if name in each and each != der]
    same = any(each is not None and each.subject == child.issuer for each in parents)
    return child.issuer.rfc4514_string() if same else None


def _has_issued(der: bytes, child: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature

    parent = loaded(der)
    if parent is None or parent.subject != child.issuer:
        return False
    try:
        child.verify_directly_issued_by(parent)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True

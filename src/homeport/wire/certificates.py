"""X.509 certificates (RFC 5280): DER bytes in, what they say out. Nothing is verified here."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from homeport.model.identity import Certificate

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

_SECOND_NS = 1_000_000_000


def certificate_of(der: bytes) -> Certificate | None:
    """What a certificate says; None for bytes that are none."""
    from cryptography import x509

    # Its parts are read only now: each may be broken in a way of its own.
    try:
        read = loaded(der)
        return None if read is None else _told(read)
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return None


def loaded(der: bytes) -> x509.Certificate | None:
    """A certificate, its names readable; None for bytes that are none."""
    from cryptography import x509

    try:
        # Warned is of what only its issuer can mend: a serial number of 0 and the like.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read = x509.load_der_x509_certificate(der)
            _ = read.subject, read.issuer
    except (ValueError, TypeError, x509.InvalidVersion):
        return None
    return read


def _told(read: x509.Certificate) -> Certificate:
    return Certificate(
        subject=_name(read.subject),
        issuer=_name(read.issuer),
        names=_names(read),
        not_before_ns=_ns(read.not_valid_before_utc),
        not_after_ns=_ns(read.not_valid_after_utc),
        self_signed=read.subject == read.issuer,
    )


def _name(name: x509.Name) -> str:
    """The common name, where there is one; else the whole (RFC 4514)."""
    from cryptography.x509.oid import NameOID

    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()


def _names(read: x509.Certificate) -> tuple[str, ...]:
    from cryptography import x509

    try:
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = map(str, names.get_values_for_type(x509.IPAddress))
    return (*names.get_values_for_type(x509.DNSName), *addresses)


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * _SECOND_NS

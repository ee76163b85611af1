"""Certificates for faults of TLS, made anew for each: authorities, and what they issue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_PEM = serialization.Encoding.PEM


class Issued(NamedTuple):
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(_PEM)

    def write(self, place: Path, name: str, *chain: Issued) -> tuple[Path, Path]:
        """Certificate (with a chain behind it) and key as files of the directory."""
        place.mkdir(parents=True, exist_ok=True)
        certificate, key = place / f"{name}.pem", place / f"{name}.key"
        certificate.write_bytes(b"".join([self.pem, *(each.pem for each in chain)]))
        key.write_bytes(
            self.key.private_bytes(
                _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, key


def issue(
    common_name: str,
    names: Sequence[str] = (),
    *,
    by: Issued | None = None,
    authority: bool = False,
    begins: timedelta = timedelta(days=-10),
    ends: timedelta = timedelta(days=10),
    usage: x509.ObjectIdentifier | None = None,
) -> Issued:
    """A certificate for names and addresses; issued by itself where by nobody else."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    signer = key if by is None else by.key
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if names:
        made = made.add_extension(
            x509.SubjectAlternativeName([_general(each) for each in names]), critical=False
        )
    if usage is not None:
        made = made.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    return Issued(made.sign(signer, hashes.SHA256()), key)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)

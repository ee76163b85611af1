"""A certificate of our own for 127.0.0.1 and localhost, as the files that servers want."""

from __future__ import annotations

import datetime as dt
import os
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from tests.support import User


class Files(NamedTuple):
    """PEM files: the certificate, its key, and both in one."""

    certificate: Path
    key: Path
    both: Path


def certificate_files(place: Path, owner: User | None = None) -> Files:
    """Makes a certificate signed by itself, its files readable only to `owner`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    files = Files(place / "server.crt", place / "server.key", place / "both.pem")
    for path, content in zip(files, (pem, secret, secret + pem), strict=True):
        path.write_bytes(content)
        path.chmod(0o600)
        if owner is not None:
            os.chown(path, owner.uid, owner.gid)
    return files

"""Makes certificates (RFC 5280): what stands in the authority's and in those that it signs.

Functions of names, keys and the time alone; nothing is kept here. The authority may speak for
localhost and loopback only, by its name constraints: who steals its key gains nothing else.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from homeport.model.record import NamedTuple

AUTHORITY_DAYS = 730
AUTHORITY_LEAST_DAYS = 30
LEAF_DAYS = 90
_SECOND_NS = 1_000_000_000
_EARLIER = timedelta(hours=1)  # for a client whose clock is late

PERMITTED = x509.NameConstraints(
    permitted_subtrees=[
        x509.DNSName("localhost"),  # and every name below it: RFC 5280, 4.2.1.10
        x509.IPAddress(IPv4Network("127.0.0.0/8")),
        x509.IPAddress(IPv6Network("::1/128")),
    ],
    excluded_subtrees=None,
)
"""For whom the authority may speak. `.localhost` with a dot is no name to RFC 5280."""

_SERVERS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


class Pair(NamedTuple):
    """A certificate and the private key to it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """Both, the key first, as OpenSSL reads them from one file."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return key + self.certificate.public_bytes(serialization.Encoding.PEM)


def pair_of(pem: bytes) -> Pair:
    """Reads what `Pair.pem` gave; raises `ValueError` where key and certificate do not match."""
    key = serialization.load_pem_private_key(pem, None)
    certificate = x509.load_pem_x509_certificate(pem)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the key is of another kind")  # noqa: TRY004  (what the file holds)
    if key.public_key() != certificate.public_key():
        raise ValueError("key and certificate do not belong together")
    return Pair(certificate, key)


def make_authority(now_ns: int) -> Pair:
    """A new authority, valid for two years."""
    key = ec.generate_private_key(ec.SECP256R1())
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    # A name of its own for each: clients look for an issuer by name, and two with one confuse them.
    title = f"Homeport local authority {identifier.digest.hex()[:8]}"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    now = _moment(now_ns)
    usage = _usage(signs_certificates=True)
    builder = (
        _builder(key, name, now, now + timedelta(days=AUTHORITY_DAYS))
        .subject_name(name)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(PERMITTED, critical=True)
        .add_extension(usage, critical=True)
        .add_extension(_SERVERS, critical=False)
        .add_extension(identifier, critical=False)
    )
    return Pair(builder.sign(key, hashes.SHA256()), key)


def make_leaf(authority: Pair, host: str, now_ns: int) -> Pair:
    """A certificate for one host, valid for 90 days at most; for `localhost` the addresses, too."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = _moment(now_ns)
    last = min(now + timedelta(days=LEAF_DAYS), authority.certificate.not_valid_after_utc)
    issuer = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    signer = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer.value)
    builder = (
        _builder(key, authority.certificate.subject, now, last)
        .subject_name(x509.Name([]))
        # RFC 5280, 4.2.1.6: critical where the subject is empty.
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(_SERVERS, critical=False)
        .add_extension(signer, critical=False)
    )
    return Pair(builder.sign(authority.key, hashes.SHA256()), key)


def is_authority(pair: Pair) -> bool:
    """Whether it is one that was made here: it signed itself, and may speak for localhost only."""
    certificate = pair.certificate
    try:
        certificate.verify_directly_issued_by(certificate)
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        allowed = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return basic.value.ca and allowed.critical and allowed.value == PERMITTED


def serves(leaf: Pair, host: str, authority: Pair, now_ns: int) -> bool:
    """Whether a certificate is the authority's for this host, and not due to be made anew."""
    try:
        leaf.certificate.verify_directly_issued_by(authority.certificate)
        named = leaf.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return list(named.value) == _names(host) and now_ns < due_ns(leaf.certificate)


def due_ns(certificate: x509.Certificate) -> int:
    """When less than a third of its time is left."""
    first, last = starts_ns(certificate), ends_ns(certificate)
    return last - (last - first) // 3


def starts_ns(certificate: x509.Certificate) -> int:
    """From when on it is valid, since the epoch."""
    return int(certificate.not_valid_before_utc.timestamp()) * _SECOND_NS


def ends_ns(certificate: x509.Certificate) -> int:
    """Until when it is valid, since the epoch."""
    return int(certificate.not_valid_after_utc.timestamp()) * _SECOND_NS


def _moment(now_ns: int) -> datetime:
    return datetime.fromtimestamp(now_ns // _SECOND_NS, UTC)


def _names(host: str) -> list[x509.GeneralName]:
    if host != "localhost":
        return [x509.DNSName(host)]
    loopback = [x509.IPAddress(ip_address(each)) for each in ("127.0.0.1", "::1")]
    return [x509.DNSName(host), *loopback]


def _builder(
    key: ec.EllipticCurvePrivateKey, issuer: x509.Name, first: datetime, last: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .issuer_name(issuer)
        .not_valid_before(first - _EARLIER)
        .not_valid_after(last)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )

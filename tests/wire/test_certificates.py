"""Certificates of X.509: made here with what they may have, and broken."""

from __future__ import annotations

import datetime as dt
from functools import cache
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from homeport.model.identity import Certificate
from homeport.wire.certificate_chain import issuers_of
from homeport.wire.certificates import certificate_of

BEGIN, END = dt.datetime(2020, 1, 2, 3, 4, 5, tzinfo=dt.UTC), dt.datetime(2049, 1, 1, tzinfo=dt.UTC)


def named(common: str | None, organisation: str = "Shop") -> x509.Name:
    given_ = [x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, organisation)]
    if common is not None:
        given_.append(x509.NameAttribute(x509.NameOID.COMMON_NAME, common))
    return x509.Name(given_)


@cache
def made(
    subject: x509.Name,
    issuer: x509.Name,
    names: tuple[x509.GeneralName, ...] = (),
    until: dt.datetime = END,
) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), 7)
    builder = builder.not_valid_before(BEGIN).not_valid_after(until)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


NAMES = (
    x509.DNSName("localhost"),
    x509.IPAddress(ip_address("127.0.0.1")),
    x509.IPAddress(ip_address("::1")),
    x509.UniformResourceIdentifier("spiffe://shop"),
    x509.RFC822Name("me@shop.example"),
    x509.DNSName("*.shop.localhost"),
)
WHOLE = made(named("localhost"), named("An authority"), NAMES)


def test_what_a_certificate_says() -> None:
    assert certificate_of(WHOLE) == Certificate(
        subject="localhost",
        issuer="An authority",
        names=("localhost", "*.shop.localhost", "127.0.0.1", "::1"),
        not_before_ns=1_577_934_245 * 1_000_000_000,
        not_after_ns=int(END.timestamp()) * 1_000_000_000,
        self_signed=False,
    )


def told(der: bytes) -> Certificate:
    certificate = certificate_of(der)
    assert certificate is not None
    return certificate


def test_one_that_issued_itself_and_has_no_names() -> None:
    certificate = told(made(named("localhost"), named("localhost")))
    assert (certificate.self_signed, certificate.names) == (True, ())


def test_a_subject_without_a_common_name_is_told_whole() -> None:
    assert told(made(named(None), named("x"))).subject == "O=Shop"


def test_an_end_far_away() -> None:
    last = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
    assert told(made(named("a"), named("b"), until=last)).not_after_ns == 253402300799 * 10**9


def test_one_that_is_cut_off_is_none() -> None:
    assert not any(certificate_of(WHOLE[:length]) for length in range(len(WHOLE)))


@given(st.binary(max_size=200))
def test_no_bytes_are_too_odd(data: bytes) -> None:
    assert certificate_of(data) is None


@given(st.data())
def test_no_changed_byte_is_too_odd(data: st.DataObject) -> None:
    broken = bytearray(WHOLE)
    for place in data.draw(st.lists(st.integers(0, len(WHOLE) - 1), min_size=1, max_size=3)):
        broken[place] = data.draw(st.integers(0, 255))
    found = certificate_of(bytes(broken))
    assert found is None or isinstance(found.subject, str)


def test_each_byte_may_be_another() -> None:
    for place, byte in enumerate(WHOLE):
        for other in (0, 0xFF, byte ^ 1, byte ^ 2, byte ^ 3, byte ^ 4, byte ^ 0x20, byte ^ 0x80):
            broken = WHOLE[:place] + bytes([other]) + WHOLE[place + 1 :]
            found = certificate_of(broken)
            assert found is None or isinstance(found.names, tuple)
            assert issuers_of(broken, [broken, WHOLE]) is not None

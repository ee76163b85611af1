"""Who has issued a certificate: found by name and signature, not by name alone."""

from __future__ import annotations

from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.certificate_chain import issuers_of, of_pem
from tests.faults.certificates import Issued, issue


def der(issued: Issued) -> bytes:
    return issued.certificate.public_bytes(Encoding.DER)


def test_the_issuer_is_found_by_its_signature() -> None:
    authority = issue("Authority", authority=True)
    namesake = issue("Authority", authority=True)
    server = issue("localhost", by=authority)
    candidates = [der(each) for each in (namesake, authority, server)]
    assert issuers_of(der(server), candidates) == [der(authority)]


def test_certificates_of_a_pem_file() -> None:
    one, two = issue("one"), issue("two")
    noise = b"text\n-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"
    assert of_pem(one.pem + noise + two.pem) == [der(one), der(two)]


@given(st.binary(max_size=200))
def test_anything_is_survived(data: bytes) -> None:
    of_pem(b"-----BEGIN CERTIFICATE-----" + data + b"-----END CERTIFICATE-----")
    assert issuers_of(data, [data]) == []

"""SCRAM: the example conversations of RFC 5802, 5 and RFC 7677, 3."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire import scram

SHA_256 = (
    "sha256",
    "rOprNGfwEbeRWgbNEkqO",
    b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    (
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    ),
    b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
)
SHA_1 = (
    "sha1",
    "fyko+d2lbbFgONRv9qkxdawL",
    b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
)


@pytest.mark.parametrize(("algorithm", "nonce", "first", "final", "proven"), [SHA_256, SHA_1])
def test_it_proves_what_the_rfc_proves(
    algorithm: str, nonce: str, first: bytes, final: bytes, proven: bytes
) -> None:
    bare = scram.first_bare("user", nonce)
    assert scram.first_message(bare) == f"n,,n=user,r={nonce}".encode()
    proof = scram.prove(bare, first, b"pencil", algorithm)
    assert proof is not None
    assert proof.message == final
    assert scram.is_proven(proven, proof)
    assert not scram.is_proven(proven[:-3] + b"AA=", proof)


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"r=other,s=QSXCR+Q6sek8bf92,i=4096",
        b"r=mine,s=QSXCR+Q6sek8bf92,i=4096",
        b"r=mineandyours,s=!,i=4096",
        b"r=mineandyours,s=QSXCR+Q6sek8bf92,i=99999999999",
        b"r=mineandyours,s=QSXCR+Q6sek8bf92,i=0",
        b"r=mineandyours,i=4096",
    ],
)
def test_a_challenge_that_is_none_is_not_answered(first: bytes) -> None:
    assert scram.prove("n=,r=mine", first, b"pencil", "sha256") is None


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    assert scram.prove("n=,r=mine", data, b"pencil", "sha256") is None
    assert not scram.is_proven(data, scram.Proof(b"", b"signature"))


def test_names_and_passwords_are_prepared() -> None:
    assert scram.first_bare("a=b,c", "n") == "n=a=3Db=2Cc,r=n"
    assert scram.prepared("\N{ROMAN NUMERAL NINE}") == b"IX"

"""PostgreSQL: the letters, and an error built as chapter 55.7 of its documentation has it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import NONSENSE, Finding
from homeport.wire.protocols.postgresql import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

GSSENC_REQUEST, SSL_REQUEST = PROTOCOL.probes
_FIELDS = (
    b"SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0Fproc.c\0L347\0RInitProcess\0\0"
)
TOO_MANY = b"E" + (len(_FIELDS) + 4).to_bytes(4, "big") + _FIELDS


@pytest.mark.parametrize("letter", [b"G", b"S", b"N"])
def test_one_letter_answers_a_request_for_encryption(letter: bytes) -> None:
    found = GSSENC_REQUEST.read(letter)
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("postgresql", None, None)


def test_an_error_is_postgresql_too() -> None:
    told = "an error, 'sorry, too many clients already'"
    assert GSSENC_REQUEST.read(TOO_MANY) == Finding("postgresql", told)
    assert PROTOCOL.nonsense is not None
    assert PROTOCOL.nonsense(TOO_MANY) == Finding("postgresql", told)


@pytest.mark.parametrize(
    "other", [b"", b"SSH-2.0", b"NO", b"s", b"X", b"E", b"ERROR\r\n", NONSENSE]
)
def test_nothing_else_is_understood(other: bytes) -> None:
    assert GSSENC_REQUEST.read(other) is None


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, b"E\0\0" + data)


def test_it_survives_damage() -> None:
    assert survives_damage(PROTOCOL, TOO_MANY)

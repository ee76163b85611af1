"""memcached, as 1.6.18 answered; that of one with a password file is from its protocol.txt."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.memcached import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

(VERSION,) = PROTOCOL.probes
ANSWER = b"VERSION 1.6.18\r\n"
TO_NONSENSE = b"ERROR\r\nERROR\r\nERROR\r\nERROR\r\n"


def test_it_tells_its_version() -> None:
    assert VERSION.read(ANSWER) == Finding("memcached", "VERSION 1.6.18", "memcached", "1.6.18")
    assert VERSION.read(ANSWER[:-1]) is None


def test_one_that_wants_a_password_says_so() -> None:
    found = VERSION.read(b"CLIENT_ERROR unauthenticated\r\n")
    assert found is not None
    assert found.version is None


def test_each_line_of_nonsense_is_an_error() -> None:
    assert PROTOCOL.nonsense is not None
    assert PROTOCOL.nonsense(TO_NONSENSE) is not None
    assert PROTOCOL.nonsense(b"ERROR\r\n") is None
    assert VERSION.completes


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, b"VERSION " + data)


def test_it_survives_damage() -> None:
    assert survives_damage(PROTOCOL, ANSWER)
    assert survives_damage(PROTOCOL, TO_NONSENSE)

"""memcached's answers as a script; the real server is asked in tests/faults."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.see.diagnose.dialects.memcached import DIALECT
from homeport.wire.exchange import Ended, Heard
from tests.see.diagnose.dialects.scripted import held, survives, survives_damage

URL = "memcached://localhost"
CLOSED = Heard(b"", Ended.CLOSED)


def test_a_version_is_health() -> None:
    talk, said = held(DIALECT, URL, [b"VERSION 1.6.18\r\n"])
    assert talk.healthy
    assert talk.fact("server_version") == "1.6.18"
    assert said[-1].say == b"quit\r\n"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"CLIENT_ERROR unauthenticated\r\n", ("CLIENT_ERROR", "unauthenticated")),
        (b"ERROR Too many open connections\r\n", ("ERROR", "Too many open connections")),
        (b"ERROR\r\n", ("ERROR", "")),
    ],
)
def test_a_refusal_is_kept(line: bytes, error: tuple[str, str]) -> None:
    assert held(DIALECT, URL, [line])[0].error == error


def test_where_text_is_not_wanted_the_binary_protocol_is_tried() -> None:
    response = bytes.fromhex("810b") + bytes(22)
    talk, _ = held(DIALECT, URL, [CLOSED, response])
    assert talk.fact("binary only") == "SASL"
    talk, _ = held(DIALECT, URL, [CLOSED, CLOSED])
    assert not talk.healthy
    assert talk.fact("binary only") is None


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    if not data.startswith(b"VERSION "):
        assert survives(DIALECT, URL, data)


def test_it_survives_damage() -> None:
    assert survives_damage(DIALECT, URL, [b"VERSION 1.6.18\r\n"])

"""PostgreSQL's login as a script; the real server is asked in tests/faults."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.see.diagnose.dialects.postgresql import DIALECT
from homeport.wire.exchange import Ended, Heard
from homeport.wire.postgresql import SSL_REQUEST, TERMINATE, md5_secret, read_messages
from tests.see.diagnose.dialects.scripted import held, survives, survives_damage

URL = "postgresql://me:right@127.0.0.1/shop"


def message(letter: bytes, body: bytes) -> bytes:
    return letter + (len(body) + 4).to_bytes(4, "big") + body


def error(code: str, text: str) -> bytes:
    fields = f"SFATAL\0VFATAL\0C{code}\0M{text}\0Fauth.c\0L1\0Rx\0\0"
    return message(b"E", fields.encode())


READY = (
    message(b"R", b"\0\0\0\0")
    + message(b"S", b"server_version\x0015.6\0")
    + message(b"S", b"in_hot_standby\0off\0")
    + message(b"K", bytes(8))
    + message(b"Z", b"I")
)
CLEAR = message(b"R", b"\0\0\0\x03")
MD5 = message(b"R", b"\0\0\0\x05salt")
SASL = message(b"R", b"\0\0\0\x0aSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0")


def test_it_logs_in_as_user_to_database_and_says_goodbye() -> None:
    talk, said = held(DIALECT, URL, [b"N", READY])
    assert talk.healthy
    assert talk.fact("server_version") == "15.6"
    assert [said[0].say, said[-1].say] == [SSL_REQUEST, TERMINATE]
    assert b"user\0me\0database\0shop\0application_name\0homeport\0\0" in said[1].say
    assert said[1].fresh is False


def test_a_password_goes_in_the_clear_only_over_loopback() -> None:
    talk, said = held(DIALECT, URL, [b"N", CLEAR, READY])
    assert talk.healthy
    assert said[2].say == message(b"p", b"right\0")
    talk, said = held(DIALECT, "postgresql://me:right@10.0.0.9/shop", [b"N", CLEAR, READY])
    assert "not tried" in (talk.fact("note") or "")
    assert not any(b"right" in each.say for each in said)


def test_md5_is_hashed_twice() -> None:
    talk, said = held(DIALECT, URL, [b"N", MD5, READY])
    assert talk.healthy
    assert said[2].say == message(b"p", md5_secret("me", "right", b"salt") + b"\0")
    assert md5_secret("me", "right", b"salt").startswith(b"md5")
    assert len(md5_secret("me", "right", b"salt")) == 35


def test_without_a_password_it_stops_where_one_is_asked_for() -> None:
    for asked in (CLEAR, MD5, SASL):
        talk, said = held(DIALECT, "postgresql://me@127.0.0.1/shop", [b"N", asked])
        assert not talk.healthy
        assert talk.fact("wants") == "a password"
        assert len(said) == 2


def test_a_server_that_does_not_know_the_password_itself_is_not_believed() -> None:
    final = message(b"R", b"\0\0\0\x0cv=AAAA") + READY
    talk, _ = held(DIALECT, URL, [b"N", SASL, message(b"R", b"\0\0\0\x0br=,s=AAAA,i=1"), final])
    assert not talk.healthy


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_it_insists_on_tls(mode: str) -> None:
    talk, said = held(DIALECT, f"{URL}?sslmode={mode}", [b"N", READY])
    assert not talk.healthy
    assert talk.fact("tls") == "not offered"
    assert len(said) == 1
    talk, said = held(DIALECT, f"{URL}?sslmode={mode}", [b"S", READY])
    assert talk.healthy
    assert said[1].upgrade
    assert said[1].verify == (None if mode == "require" else "127.0.0.1")
    assert said[1].any_name == (mode == "verify-ca")


def test_the_authorities_of_the_url_are_those_that_count() -> None:
    url = f"{URL}?sslmode=verify-full&sslrootcert=/etc/ours.pem"
    _, said = held(DIALECT, url, [b"S", READY])
    assert (said[1].verify, said[1].authorities) == ("127.0.0.1", "/etc/ours.pem")


def test_prefer_tries_without_tls_what_was_barred_with_it() -> None:
    talk, said = held(DIALECT, URL, [b"S", error("28000", "no pg_hba.conf entry"), READY])
    assert talk.healthy
    assert said[2].fresh


def test_disable_asks_for_no_tls_and_allow_only_when_barred() -> None:
    _, said = held(DIALECT, f"{URL}?sslmode=disable", [READY])
    assert said[0].say != SSL_REQUEST
    barred = error("28000", "no pg_hba.conf entry")
    talk, said = held(DIALECT, f"{URL}?sslmode=allow", [barred, b"S", READY])
    assert talk.healthy
    assert said[1].say == SSL_REQUEST


def test_what_the_server_says_no_with_is_kept() -> None:
    for answers in ([error("53300", "full")], [b"N", error("53300", "full")]):
        talk, _ = held(DIALECT, URL, answers)
        assert talk.error == ("53300", "full")


def test_no_secret_is_told() -> None:
    for answers in ([b"N", CLEAR, error("28P01", "no")], [b"N", MD5], [b"N", SASL, SASL]):
        talk, _ = held(DIALECT, URL, answers)
        assert "right" not in repr(talk)


def test_a_handshake_that_fails_is_told() -> None:
    broken = Heard(b"", Ended.UNSECURED, why="self-signed certificate", verify_code=18)
    talk, _ = held(DIALECT, f"{URL}?sslmode=verify-full", [b"S", broken])
    assert talk.heard.verify_code == 18


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    if data[:1] not in {b"N", b"S"}:
        assert survives(DIALECT, URL, data)
    read_messages(data)
    read_messages(b"R\0\0\0" + data)


def test_it_survives_damage() -> None:
    assert survives_damage(DIALECT, URL, [b"N", MD5, READY])
    assert survives_damage(DIALECT, URL, [error("28P01", "password authentication failed")])

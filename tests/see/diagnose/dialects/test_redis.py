"""Redis' first words as a script; the real server is asked in tests/faults."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.see.diagnose.dialects.redis import DIALECT
from homeport.wire.resp import command, read_replies
from tests.see.diagnose.dialects.scripted import held, survives, survives_damage

PONG = b"+PONG\r\n"


def info(**told: object) -> bytes:
    text = "\r\n".join(["# Section", *(f"{name}:{value}" for name, value in told.items())])
    return b"$%d\r\n%s\r\n" % (len(text), text.encode())


WELL = info(rdb_last_bgsave_status="ok") + info(maxmemory=0) + info() + info(role="master")


def test_it_logs_in_selects_and_pings() -> None:
    talk, said = held(DIALECT, "redis://me:a%20b@localhost/3", [b"+OK\r\n", b"+OK\r\n", PONG, WELL])
    assert talk.healthy
    assert [each.say for each in said[:3]] == [
        command("AUTH", "me", "a b"),
        command("SELECT", "3"),
        command("PING"),
    ]
    assert [each.fresh for each in said] == [True, False, False, False, False]
    assert "a b" not in repr(talk)


def test_a_password_without_a_user_is_that_of_the_default_user() -> None:
    _, said = held(DIALECT, "redis://:right@localhost", [b"+OK\r\n", PONG, WELL])
    assert said[0].say == command("AUTH", "right")


@pytest.mark.parametrize("code", ["NOAUTH", "DENIED", "LOADING", "MISCONF", "ERR"])
def test_a_refusal_is_kept_and_nothing_is_said_any_more(code: str) -> None:
    talk, said = held(DIALECT, "redis://localhost", [f"-{code} why not\r\n".encode()])
    assert talk.error == (code, "why not")
    assert len(said) == 1


def test_memory_that_is_used_up_is_no_health() -> None:
    full = info(used_memory=11, maxmemory=10, maxmemory_policy="noeviction")
    talk, _ = held(DIALECT, "redis://localhost", [PONG, full * 4])
    assert not talk.healthy
    assert talk.fact("memory full") is not None
    evicting = full.replace(b"noeviction", b"allkeysLRU")
    talk, _ = held(DIALECT, "redis://localhost", [PONG, evicting * 4])
    assert talk.healthy


def test_an_acl_that_forbids_info_is_no_fault() -> None:
    talk, _ = held(DIALECT, "redis://localhost", [PONG, b"-NOPERM no\r\n" * 4])
    assert talk.healthy


def test_what_is_worth_knowing_is_noted() -> None:
    told = info(role="slave", rdb_last_bgsave_status="err", connected_clients=95, maxclients=100)
    talk, _ = held(DIALECT, "redis://localhost", [PONG, told * 4])
    assert talk.healthy
    assert len([name for name, _ in talk.facts if name == "note"]) == 3


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    if not data.startswith((b"+OK\r\n", b"+PONG\r\n")):
        assert survives(DIALECT, "redis://:right@localhost", data)
    for start in (b"", b"$", b"+", b"$3\r\n"):
        read_replies(start + data)


def test_it_survives_damage() -> None:
    assert survives_damage(DIALECT, "redis://:right@localhost", [b"+OK\r\n", PONG, WELL])


def test_replies_are_read_one_after_the_other() -> None:
    found = read_replies(b"+OK\r\n$-1\r\n$2\r\nab\r\n:7\r\n-ERR no\r\n$5\r\nab")
    assert found is not None
    assert [each.text for each in found] == ["OK", None, "ab", "7", "ERR no"]


def test_a_password_that_the_server_repeats_is_not_told() -> None:
    said = b"-ERR unknown command 'AUTH', with args beginning with: 'right'\r\n"
    talk, _ = held(DIALECT, "redis://:right@localhost", [said])
    assert talk.error == ("ERR", "unknown command 'AUTH', with args beginning with: '***'")

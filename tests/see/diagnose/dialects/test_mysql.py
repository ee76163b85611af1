"""MySQL's login as a script. MariaDB is asked in tests/faults; here is what only MySQL 8 does.

The greeting of MySQL 8 is built as MySQL Internals has it: there is none to be had on Debian.
"""

from __future__ import annotations

from hashlib import sha1, sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.see.diagnose.dialects.mysql import DIALECT
from homeport.wire import mysql
from homeport.wire.exchange import Ended, Heard
from tests.see.diagnose.dialects.scripted import held, survives, survives_damage

URL = "mysql://me:right@127.0.0.1/shop"
SALT = bytes(range(1, 21))
_CAPABILITIES = 0x000FF7DF | mysql.TLS


def greeting(plugin: str = mysql.SHA2, *, tls: bool = False) -> bytes:
    capabilities = _CAPABILITIES if tls else _CAPABILITIES & ~mysql.TLS
    low, high = capabilities & 0xFFFF, capabilities >> 16
    body = b"\x0a8.0.36\0" + bytes(4) + SALT[:8] + b"\0" + low.to_bytes(2, "little") + b"\x2d"
    body += b"\x02\0" + high.to_bytes(2, "little") + b"\x15" + bytes(10) + SALT[8:] + b"\0"
    return mysql.packet(0, body + plugin.encode() + b"\0")


OK = mysql.packet(2, b"\0\0\0\x02\0\0\0")
FAST = mysql.packet(2, b"\x01\x03")
FULL = mysql.packet(2, b"\x01\x04")
DENIED = mysql.packet(2, b"\xff\x15\x04#28000Access denied for user 'me'@'localhost'")


def test_the_greeting_is_read() -> None:
    found = mysql.read_packet(greeting(tls=True))
    assert found is not None
    read = mysql.read_greeting(found.payload)
    assert read == mysql.Greeting("8.0.36", _CAPABILITIES, SALT, mysql.SHA2)


def test_caching_sha2_takes_the_fast_path() -> None:
    talk, said = held(DIALECT, URL, [greeting(), FAST, OK, OK])
    assert talk.healthy
    assert (talk.fact("product"), talk.fact("server_version")) == ("MySQL", "8.0.36")
    once = sha256(b"right").digest()
    mask = sha256(sha256(once).digest() + SALT).digest()
    proof = bytes(a ^ b for a, b in zip(once, mask, strict=True))
    assert b"me\0" + bytes([32]) + proof + b"shop\0" in said[1].say
    assert b"right" not in b"".join(each.say for each in said)


def test_the_full_path_is_taken_within_tls_only() -> None:
    talk, said = held(DIALECT, URL, [greeting(tls=True), FULL, OK, OK])
    assert talk.healthy
    assert [each.upgrade for each in said] == [False, False, True, False, False, False]
    assert said[3].say.endswith(b"right\0")
    talk, said = held(DIALECT, URL, [greeting(), FULL, OK, OK])
    assert "login was not tried" in (talk.fact("note") or "")
    assert b"right" not in b"".join(each.say for each in said)


def test_a_switch_to_another_plugin_is_followed() -> None:
    switch = mysql.packet(2, b"\xfe" + mysql.NATIVE.encode() + b"\0" + SALT[::-1] + b"\0")
    talk, said = held(DIALECT, URL, [greeting(), switch, OK, OK])
    assert talk.healthy
    once = sha1(b"right").digest()
    mask = sha1(SALT[::-1] + sha1(once).digest()).digest()
    proof = bytes(a ^ b for a, b in zip(once, mask, strict=True))
    assert said[2].say == mysql.packet(3, proof)


def test_a_password_in_the_clear_wants_tls() -> None:
    switch = mysql.packet(2, b"\xfe" + mysql.CLEAR.encode() + b"\0")
    _, said = held(DIALECT, URL, [greeting(), switch, OK])
    assert b"right" not in b"".join(each.say for each in said)


@pytest.mark.parametrize(("code", "text"), [(1040, "Too many connections"), (1130, "Host 'x'")])
def test_an_error_may_come_in_place_of_the_greeting(code: int, text: str) -> None:
    error = mysql.packet(0, b"\xff" + code.to_bytes(2, "little") + text.encode())
    talk, said = held(DIALECT, URL, [error])
    assert talk.error == (str(code), text)
    assert len(said) == 1


def test_it_insists_on_tls_where_the_url_does() -> None:
    talk, said = held(DIALECT, f"{URL}?ssl-mode=REQUIRED", [greeting(), OK])
    assert talk.fact("tls") == "not offered"
    assert len(said) == 1


def test_a_handshake_that_fails_is_done_without_where_nobody_insists() -> None:
    broken = Heard(b"", Ended.UNSECURED, why="no")
    answers: list[bytes | Heard] = [greeting(tls=True), broken, greeting(tls=True), OK, OK]
    assert held(DIALECT, URL, answers)[0].healthy
    talk, _ = held(DIALECT, f"{URL}?ssl-mode=REQUIRED", answers)
    assert not talk.healthy


def test_an_account_that_wants_tls_is_told_from_a_wrong_password() -> None:
    url = f"{URL}?ssl-mode=DISABLED"
    talk, _ = held(DIALECT, url, [greeting(tls=True), DENIED, greeting(tls=True), OK, OK])
    assert (talk.error or ("",))[0] == "1045"
    assert talk.fact("with tls") == "True"
    talk, _ = held(DIALECT, url, [greeting(tls=True), DENIED, greeting(tls=True), DENIED])
    assert talk.fact("with tls") == "False"


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    assert survives(DIALECT, URL, data)
    payload = b"\x0a" + data
    mysql.read_greeting(payload)
    mysql.read_switch(b"\xfe" + data)
    mysql.read_error(b"\xff" + data)
    held(DIALECT, URL, [mysql.packet(0, payload), data, data])


def test_it_survives_damage() -> None:
    assert survives_damage(DIALECT, URL, [greeting(tls=True), FULL, OK, OK])
    assert survives_damage(DIALECT, URL, [greeting(), DENIED])

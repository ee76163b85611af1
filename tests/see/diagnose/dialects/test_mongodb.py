"""MongoDB's login as a script, and BSON; a real mongod is asked in tests/faults."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.see.diagnose.dialects.mongodb import DIALECT
from homeport.wire import bson
from tests.see.diagnose.dialects.scripted import held, survives, survives_damage

URL = "mongodb://localhost"


def answer(number: int, document: bson.Document) -> bytes:
    """An OP_MSG to the request of that number; `ok` is a double, as servers send it."""
    elements = bson.encode(document)[4:-1] + b"\x01ok\0" + struct.pack("<d", 1)
    return framed(number, struct.pack("<i", len(elements) + 5) + elements + b"\0")


def framed(number: int, document: bytes) -> bytes:
    body = struct.pack("<IB", 0, 0) + document
    return struct.pack("<4i", 16 + len(body), 99, number, bson.OP_MSG) + body


def refusal(number: int, code: int, text: str) -> bytes:
    return framed(number, bson.encode({"ok": 0, "errmsg": text, "code": code}))


HELLO = answer(1, {"isWritablePrimary": True, "maxWireVersion": 17})
PONG, LIST = answer(10, {}), answer(11, {"databases": [{"name": "shop"}]})


def test_without_a_user_it_says_hello_pings_and_lists() -> None:
    talk, said = held(DIALECT, URL, [HELLO, PONG, LIST])
    assert talk.healthy
    commands = [next(iter(bson.decode(each.say[21:]) or {})) for each in said]
    assert commands == ["hello", "ping", "listDatabases"]


def test_a_server_that_wants_logins_refuses_the_list() -> None:
    talk, _ = held(DIALECT, URL, [HELLO, PONG, refusal(11, 13, "requires authentication")])
    assert talk.error == ("13", "requires authentication")


@pytest.mark.parametrize(
    ("offered", "mechanism"),
    [(["SCRAM-SHA-1"], "SCRAM-SHA-1"), (["SCRAM-SHA-1", "SCRAM-SHA-256"], "SCRAM-SHA-256")],
)
def test_the_better_mechanism_of_the_user_is_taken(offered: list[str], mechanism: str) -> None:
    hello = answer(1, {"saslSupportedMechs": list(offered)})
    url = "mongodb://me:right@localhost/shop"
    talk, said = held(DIALECT, url, [hello, refusal(2, 18, "Authentication failed.")])
    assert talk.error == ("18", "Authentication failed.")
    start = bson.decode(said[1].say[21:])
    assert start is not None
    assert (start["mechanism"], start["$db"]) == (mechanism, "shop")
    assert "right" not in repr(talk)


def test_another_replica_set_is_told() -> None:
    hello = answer(1, {"setName": "rs1", "hosts": ["mongo:27017"]})
    talk, _ = held(DIALECT, f"{URL}/?replicaSet=rs0", [hello])
    assert not talk.healthy
    assert talk.fact("members") == "mongo:27017"
    talk, _ = held(DIALECT, f"{URL}/?replicaSet=rs1", [hello, PONG, LIST])
    assert talk.healthy


def test_tls_is_verified_unless_the_url_says_otherwise() -> None:
    _, said = held(DIALECT, f"{URL}/?tls=true", [HELLO])
    assert (said[0].alpn, said[0].verify) == ((), "localhost")
    _, said = held(DIALECT, f"{URL}/?tls=true&tlsInsecure=true", [HELLO])
    assert (said[0].alpn, said[0].verify) == ((), None)


def test_what_is_written_is_read() -> None:
    document: bson.Document = {"a": 1, "b": True, "c": "text", "d": b"\0\1", "e": {"f": [1, "g"]}}
    assert bson.decode(bson.encode(document)) == document
    assert bson.read_message(7, framed(7, bson.encode(document))) == document
    assert bson.read_message(8, framed(7, bson.encode(document))) is None


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    assert survives(DIALECT, URL, data)
    bson.decode(data)
    bson.decode(struct.pack("<i", len(data) + 5) + data + b"\0")


def test_it_survives_nesting_and_damage() -> None:
    deep: bson.Document = {}
    for _ in range(50):
        deep = {"a": deep}
    assert bson.decode(bson.encode(deep)) is None
    assert survives_damage(DIALECT, URL, [HELLO, PONG, LIST])
    assert survives_damage(DIALECT, URL, [HELLO, PONG, refusal(11, 13, "no")])

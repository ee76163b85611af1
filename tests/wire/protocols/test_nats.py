from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.nats import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

RECORDED = (
    b'INFO {"server_id":"NBAY7YPHY6MXNM4NYYCXGMC2BPHYLIJOIYGUO46L4'
    b'JS3CBQ6BD4IU4EA","server_name":"n","version":"2.15.1","proto'
    b'":1,"git_commit":"b2fd3ef","go":"go1.27.2","host":"127.0.0.1'
    b'","port":19513,"headers":true,"max_payload":1048576,"client_'
    b'id":5,"client_ip":"127.0.0.1"} \r\n'
)


@pytest.mark.parametrize(
    ("greeting", "product", "version"),
    [
        (RECORDED, "NATS", "2.15.1"),
        (b'INFO {"server_id":"x"}\r\n', "NATS", None),
    ],
)
def test_a_greeting_names_its_product(
    greeting: bytes, product: str | None, version: str | None
) -> None:
    assert PROTOCOL.greeting is not None
    found = PROTOCOL.greeting(greeting)
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("nats", product, version)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        RECORDED[:-2],
        b"INFO\r\n",
        b"INFO {}\r\n",
        b"INFO " + b"[" * 5000 + b"\r\n",
        b'INFO {"server_id"' * 4000,
        b"-ERR 'Unknown Protocol Operation'\r\n",
        b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n",
    ],
)
def test_what_others_say_is_no_greeting(said: bytes) -> None:
    assert PROTOCOL.greeting is not None
    assert PROTOCOL.greeting(said) is None


def test_damage_is_survived() -> None:
    assert survives_damage(PROTOCOL, RECORDED)


@given(st.binary())
def test_anything_is_survived(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, RECORDED[:6] + data)

"""etcd: answers as its documentation has them. No real one can be had."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.etcd import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

(VERSION,) = PROTOCOL.probes
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ANSWER = HEAD + b'Content-Length: 45\r\n\r\n{"etcdserver":"3.5.18","etcdcluster":"3.5.0"}'


def test_it_tells_its_version() -> None:
    assert VERSION.read(ANSWER) == Finding("http", "etcdserver 3.5.18", "etcd", "3.5.18")
    assert VERSION.read(ANSWER[:-1]) is None


def test_anything_else_is_somebody_elses() -> None:
    for body in (b'{"version":"3.5.18"}', b"3.5.18", b'{"etcdserver":7}', b""):
        assert VERSION.read(HEAD + b"\r\n" + body) is None


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, HEAD + b"\r\n" + data)


def test_it_survives_damage() -> None:
    assert survives_damage(PROTOCOL, ANSWER)

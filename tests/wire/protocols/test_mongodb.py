"""MongoDB, as 6.0.5 answered."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding, Probe
from homeport.wire.protocols.mongodb import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

HELLO, IS_MASTER = PROTOCOL.probes
_TO = struct.pack("<i", int.from_bytes(b"Home", "little"))
ANSWER = (
    b"9\x01\x00\x00\x03\x00\x00\x00" + _TO + b"\xdd\x07\x00\x00\x00\x00\x00\x00\x00$\x01\x00\x00"
    b"\x08isWritablePrimary\x00\x01\x03topologyVersion\x00-\x00\x00\x00\x07processId\x00k\x07a)\x91"
    b"\x19n\xa5\xa1a\xbb\xcc\x12counter\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x10"
    b"maxBsonObjectSize\x00\x00\x00\x00\x01\x10maxMessageSizeBytes\x00\x00l\xdc\x02\x10"
    b"maxWriteBatchSize\x00\xa0\x86\x01\x00\tlocalTime\x00Y\x8d\xd3\x14\xa2\x01\x00\x00\x10"
    b"logicalSessionTimeoutMinutes\x00\x1e\x00\x00\x00\x10connectionId\x00\x01\x00\x00\x00\x10"
    b"minWireVersion\x00\x00\x00\x00\x00\x10maxWireVersion\x00\x11\x00\x00\x00\x08readOnly\x00\x00"
    b"\x01ok\x00\x00\x00\x00\x00\x00\x00\xf0?\x00"
)
NO_SUCH_COMMAND = (
    b"t\x00\x00\x00\x04\x00\x00\x00" + _TO + b"\xdd\x07\x00\x00\x00\x00\x00\x00\x00_\x00\x00\x00"
    b"\x01ok\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02errmsg\x00\x1a\x00\x00\x00"
    b"no such command: 'nosuch'\x00\x10code\x00;\x00\x00\x00\x02codeName\x00\x10\x00\x00\x00"
    b"CommandNotFound\x00\x00"
)
AT_HTTP = (
    b"HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    b"Content-Length: 85\r\n\r\n"
    b"It looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n"
)


def test_hello_tells_the_series_of_releases() -> None:
    assert HELLO.read(ANSWER) == Finding("mongodb", "maxWireVersion 17", "MongoDB", "6.0.x")


def test_a_wire_version_of_the_future_is_no_version_of_the_server() -> None:
    later = ANSWER.replace(b"maxWireVersion\x00\x11", b"maxWireVersion\x00\x7f")
    assert HELLO.read(later) == Finding("mongodb", "maxWireVersion 127", "MongoDB")


def test_an_old_server_that_knows_no_hello_is_asked_for_more() -> None:
    assert HELLO.read(NO_SUCH_COMMAND) == Finding("mongodb", "an OP_MSG", "MongoDB")
    assert IS_MASTER.completes
    assert b"isMaster" in IS_MASTER.hello


@pytest.mark.parametrize("probe", PROTOCOL.probes)
def test_a_request_is_as_long_as_it_says(probe: Probe) -> None:
    assert struct.unpack_from("<i", probe.hello) == (len(probe.hello),)
    assert struct.unpack_from("<i", probe.hello, 21) == (len(probe.hello) - 21,)


def test_an_answer_to_somebody_else_is_not_understood() -> None:
    assert HELLO.read(ANSWER.replace(_TO, b"Away")) is None
    assert [place for place in range(len(ANSWER)) if HELLO.read(ANSWER[:place])] == []


def test_what_looks_like_http_is_none() -> None:
    assert PROTOCOL.nonsense is not None
    found = PROTOCOL.nonsense(AT_HTTP)
    assert found is not None
    assert (found.protocol, found.product) == ("mongodb", "MongoDB")
    assert PROTOCOL.nonsense(AT_HTTP[:90]) is None


@given(st.binary())
def test_it_survives_anything(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, ANSWER[:21] + data)


def test_it_survives_damage() -> None:
    assert survives_damage(PROTOCOL, ANSWER)
    assert survives_damage(PROTOCOL, NO_SUCH_COMMAND)
    assert survives_damage(PROTOCOL, AT_HTTP)

"""HTTP/2 and gRPC by the first frames of servers, recorded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.http2 import read_settings
from homeport.wire.protocols import grpc, http2
from tests.wire.protocols.surviving import survives, survives_damage

NODE_24 = bytes.fromhex("000000040000000000 0000080700000000000000000000000002")
"""What http2.createServer says to nonsense: empty SETTINGS, GOAWAY."""

GRPC_CORE = bytes.fromhex(
    "000018040000000000 000400400000 000500400000 000600004000 fe0300000001"
    "000004080000000000003f0001"
)
"""What grpcio 1.x greets with: SETTINGS, WINDOW_UPDATE."""

GO = bytes.fromhex(
    "00001e040000000000 000500100000 0003000000fa 000600100140 000100001000 000400100000"
)
"""What Go's net/http (Traefik, h2c) says to the preface."""

LIGHTTPD = bytes.fromhex(
    "00001e040000000000 000300000008 000400010000 00060000ffff 000800000001 000900000001"
)
GOAWAY = bytes.fromhex("0000080700000000000000000000000001")


def told(data: bytes) -> str | None:
    found = http2.PROTOCOL.probes[0].read(data)
    return None if found is None else found.told


@pytest.mark.parametrize("data", [NODE_24, GRPC_CORE, GO, LIGHTTPD])
def test_settings_are_the_first_words_of_a_server(data: bytes) -> None:
    assert told(data) == "a SETTINGS frame"


def test_goaway_comes_where_the_preface_was_wrong() -> None:
    assert told(GOAWAY) == "a GOAWAY frame"


def test_the_parameters_are_read() -> None:
    assert read_settings(GO) == {5: 1 << 20, 3: 250, 6: 1048896, 1: 4096, 4: 1 << 20}
    assert read_settings(NODE_24) == {}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(9),
        GO[:20],
        bytes.fromhex("000000040100000000"),  # an acknowledgement
        bytes.fromhex("000000040000000001"),  # on a stream
        bytes.fromhex("00000504000000000000040040"),  # no multiple of six
        bytes.fromhex("000006040000000000000200000002"),  # ENABLE_PUSH is 0 or 1
        bytes.fromhex("000006040000000000000500000001"),  # a frame size below 16,384
        bytes.fromhex("00000407000000000000000000"),
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ],
)
def test_anything_else_is_none(data: bytes) -> None:
    assert told(data) is None


def test_the_probe_opens_no_stream_and_takes_leave() -> None:
    probe = http2.PROTOCOL.probes[0]
    assert probe.hello.startswith(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert read_settings(probe.hello[24:]) == {}
    assert len(probe.hello) == 24 + 9
    assert probe.goodbye[3] == 7


def test_grpc_is_told_by_its_own_parameter_only() -> None:
    assert grpc.PROTOCOL.greeting is not None
    found = grpc.PROTOCOL.greeting(GRPC_CORE)
    assert found is not None
    assert (found.protocol, found.product) == ("grpc", "gRPC Core")
    assert grpc.PROTOCOL.greeting(GO) is None


@given(st.binary())
def test_both_survive_any_bytes(data: bytes) -> None:
    for protocol in (http2.PROTOCOL, grpc.PROTOCOL):
        assert survives(protocol, data)
        assert survives(protocol, bytes.fromhex("000018040000000000") + data)


@pytest.mark.parametrize("data", [NODE_24, GRPC_CORE, GO, GOAWAY])
def test_both_survive_damage(data: bytes) -> None:
    assert survives_damage(http2.PROTOCOL, data)
    assert survives_damage(grpc.PROTOCOL, data)

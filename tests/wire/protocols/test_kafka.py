from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.kafka import PROTOCOL
from tests.wire.protocols.surviving import no_beginning_is_enough, survives, survives_damage

# Said by Tansu 0.6, which speaks the protocol of Kafka.
RECORDED = bytes.fromhex(
    "000000e24870000100000000002400020000000900030000000c001400000006000900000009002e0000"
    "0000000f00000005001c00000004003200000000001300000007001d00000003000b0000000900110000"
    "000100000000000b004500000000001900000004000c00000004001000000005002000000004002c0000"
    "0001004700000000003c0000000100120000000400150000000200080000000900180000000500010000"
    "0011002400000002000e00000005000d00000005002a00000002001e00000003001a00000004004b0000"
    "0000001600000005000a00000006003300000000"
)

READ = PROTOCOL.probes[0].read


def test_a_recorded_answer_is_understood() -> None:
    assert READ(RECORDED) == Finding("kafka", "ApiVersions, 36 kinds of requests")


def test_an_answer_is_read_when_it_is_whole() -> None:
    assert no_beginning_is_enough(PROTOCOL, RECORDED)


def test_the_request_carries_its_length() -> None:
    hello = PROTOCOL.probes[0].hello
    assert int.from_bytes(hello[:4], "big") == len(hello) - 4


@pytest.mark.parametrize(
    "said",
    [
        b"",
        RECORDED[:-1],
        RECORDED.replace(b"Hp", b"Hq"),
        RECORDED.replace(b"\0\x12\0", b"\0\x11\0"),
        RECORDED[:10] + b"\x7f\xff\xff\xff" + RECORDED[14:],
        b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n",
    ],
)
def test_what_others_say_is_no_answer(said: bytes) -> None:
    assert READ(said) is None


def test_damage_is_survived() -> None:
    assert survives_damage(PROTOCOL, RECORDED)


@given(st.binary())
def test_anything_is_survived(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, RECORDED[:6] + data)

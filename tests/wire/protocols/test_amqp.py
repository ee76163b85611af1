from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.amqp import PROTOCOL
from tests.wire.protocols.surviving import no_beginning_is_enough, survives, survives_damage

RECORDED = (
    b"\x01\x00\x00\x00\x00\x01\xf1\x00\n\x00\n\x00\t\x00\x00\x01\xcc\x0ccapabilitiesF\x00\x00\x00\xc7\x12publisher_confirmst\x01\x1aexc"
    b"hange_exchange_bindingst\x01\nbasic.nackt\x01\x16consumer_cancel_notif"
    b"yt\x01\x12connection.blockedt\x01\x13consumer_prioritiest\x01\x1cauthenticatio"
    b"n_failure_closet\x01\x10per_consumer_qost\x01\x0fdirect_reply_tot\x01\x0cclust"
    b"er_nameS\x00\x00\x00\nhp19560@vm\tcopyrightS\x00\x00\x007Copyright (c) 2007-2022"
    b" VMware, Inc. or its affiliates.\x0binformationS\x00\x00\x009Licensed un"
    b"der the MPL 2.0. Website: https://rabbitmq.com\x08platformS\x00\x00\x00\x11"
    b"Erlang/OTP 25.2.3"
    b"\x07productS\x00\x00\x00\x08RabbitMQ\x07versionS\x00\x00\x00\x063.10.8\x00\x00\x00"
    b"\x0ePLAIN AMQPLAIN\x00\x00\x00\x05en_US\xce"
)

READ = PROTOCOL.probes[0].read


def test_a_recorded_answer_is_understood() -> None:
    assert READ(RECORDED) == Finding(
        "amqp", "connection.start RabbitMQ 3.10.8", "RabbitMQ", "3.10.8"
    )


def test_an_answer_is_read_when_it_is_whole() -> None:
    assert no_beginning_is_enough(PROTOCOL, RECORDED)


@pytest.mark.parametrize(
    ("header", "version"),
    [(b"AMQP\x00\x00\x09\x01", "0-9-1"), (b"AMQP\x03\x01\x00\x00", "1.0")],
)
def test_a_header_is_the_answer_to_one_that_is_not_understood(header: bytes, version: str) -> None:
    assert READ(header) == Finding("amqp", f"the header of AMQP {version}")
    assert PROTOCOL.nonsense is not None
    assert PROTOCOL.nonsense(header) == READ(header)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"AMQP",
        b"AMQP\xff\xff\xff\xff",
        RECORDED[:-1],
        RECORDED[:-1] + b"\0",
        b"@ / HTTP/1.1\r\n",
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

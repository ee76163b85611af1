"""AMQP, MQTT, NATS, SMTP and SSH as scripts; the real servers are asked in tests/faults."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.see.diagnose.dialects import amqp, mqtt, nats, smtp, ssh
from homeport.wire.amqp import HEADER
from homeport.wire.amqp_login import read_methods
from tests.see.diagnose.dialects.scripted import held, survives, survives_damage


def method(major: int, minor: int, arguments: bytes = b"") -> bytes:
    payload = major.to_bytes(2, "big") + minor.to_bytes(2, "big") + arguments
    return b"\x01\0\0" + len(payload).to_bytes(4, "big") + payload + b"\xce"


START = method(10, 10, b"\0\x09" + bytes(4))
TUNE = method(10, 30, b"\x07\xff\0\x02\0\0\0\x3c")
OPEN_OK = method(10, 41, b"\0")
REFUSED = method(10, 50, b"\x01\x93\x0eACCESS_REFUSED" + bytes(4))


def test_amqp_logs_in_as_guest_and_opens_the_virtual_host() -> None:
    talk, said = held(amqp.DIALECT, "amqp://localhost/%2F", [START, TUNE, OPEN_OK])
    assert talk.healthy
    assert said[0].say == HEADER
    assert b"\0guest\0guest" in said[1].say
    assert said[2].say.endswith(method(10, 40, b"\x01/\0\0"))


def test_amqp_says_why_it_refuses() -> None:
    talk, _ = held(amqp.DIALECT, "amqp://me:right@localhost", [START, REFUSED])
    assert talk.error == ("403", "ACCESS_REFUSED")
    assert "right" not in repr(talk)


def test_amqp_says_no_password_in_the_clear_beyond_this_machine() -> None:
    talk, said = held(amqp.DIALECT, "amqp://me:right@10.0.0.9", [START, TUNE, OPEN_OK])
    assert "not tried" in (talk.fact("note") or "")
    assert len(said) == 1


def test_mqtt_connects_with_no_id_and_disconnects() -> None:
    talk, said = held(mqtt.DIALECT, "mqtt://me:right@localhost", [b"\x20\x02\0\0"])
    assert talk.healthy
    assert said[0].say == b"\x10\x17\0\x04MQTT\x04\xc2\0\x0a\0\0\0\x02me\0\x05right"
    assert said[1].say == b"\xe0\0"
    talk, _ = held(mqtt.DIALECT, "mqtt://localhost", [b"\x20\x02\0\x05"])
    assert talk.error == ("5", "not authorized")


def test_mqtt_frames_what_is_long() -> None:
    packet = mqtt.connect("u" * 200, None)
    assert packet[1:3] == b"\xd6\x01"
    assert len(packet) == 3 + 0xD6


INFO = b'INFO {"server_id":"X","version":"2.10.0"}\r\n'


def test_nats_connects_and_pings() -> None:
    talk, said = held(nats.DIALECT, "nats://me:right@localhost", [INFO, b"PONG\r\n"])
    assert talk.healthy
    assert b'"user": "me", "pass": "right"' in said[1].say
    talk, _ = held(nats.DIALECT, "nats://token@localhost", [INFO, b"-ERR 'no'\r\n"])
    assert talk.error == ("no", "no")
    assert "token" not in repr(talk.facts)


def test_nats_takes_tls_where_the_server_wants_it() -> None:
    info = b'INFO {"server_id":"X","tls_required":true}\r\n'
    _, said = held(nats.DIALECT, "nats://localhost", [info, b"PONG\r\n"])
    assert said[1].upgrade
    assert said[1].verify == "localhost"


def test_smtp_greets_and_takes_its_leave() -> None:
    ehlo = b"250-here\r\n250-PIPELINING\r\n250 HELP\r\n"
    talk, said = held(smtp.DIALECT, "smtp://localhost:25", [b"220 here ESMTP\r\n", ehlo])
    assert talk.healthy
    assert [each.say for each in said] == [b"", b"EHLO localhost\r\n", b"QUIT\r\n"]
    talk, _ = held(smtp.DIALECT, "smtp://localhost:25", [b"421 too many connections\r\n"])
    assert talk.error == ("421", "too many connections")


@pytest.mark.parametrize("banner", [b"hello\r\n", b""])
def test_ssh_reads_the_identification(banner: bytes) -> None:
    talk, _ = held(ssh.DIALECT, "ssh://localhost", [banner + b"SSH-2.0-OpenSSH_9.2\r\n"])
    assert talk.healthy
    assert talk.fact("server_version") == "OpenSSH_9.2"


def test_ssh_is_told_why_not() -> None:
    talk, _ = held(ssh.DIALECT, "ssh://localhost", [b"Exceeded MaxStartups\r\n"])
    assert talk.error == ("refused", "Exceeded MaxStartups")
    talk, _ = held(ssh.DIALECT, "ssh://localhost", [b"SSH-1.5-old\r\n"])
    assert talk.error == ("SSH-1", "SSH-1.5-old")


@given(st.binary(max_size=60))
def test_they_survive_anything(data: bytes) -> None:
    if data[:1] != b"\x20":
        assert survives(mqtt.DIALECT, "mqtt://me:right@localhost", data)
    assert survives(amqp.DIALECT, "amqp://localhost", data)
    for dialect in (nats, smtp, ssh):
        held(dialect.DIALECT, "nats://me:right@localhost", [data] * 9)
    read_methods(b"\x01\0\0\0\0\0\x05" + data)


def test_they_survive_damage() -> None:
    assert survives_damage(amqp.DIALECT, "amqp://localhost", [START, TUNE, OPEN_OK])
    assert survives_damage(amqp.DIALECT, "amqp://localhost", [START, REFUSED])
    assert survives_damage(nats.DIALECT, "nats://localhost", [INFO, b"PONG\r\n"])
    assert survives_damage(smtp.DIALECT, "smtp://localhost:25", [b"220 x\r\n", b"250 y\r\n"])

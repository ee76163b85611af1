from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols import Finding
from homeport.wire.protocols.debugpy import PROTOCOL
from tests.wire.protocols.surviving import no_beginning_is_enough, survives, survives_damage


def said(number: int, event: str, body: object) -> bytes:
    message = {"seq": number, "type": "event", "event": event, "body": body}
    text = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(text), text)


def telemetry(number: int, name: str) -> bytes:
    data = {"packageVersion": "1.8.22"}
    return said(number, "output", {"category": "telemetry", "output": name, "data": data})


PORTS = [(19501, False), (35331, True)]
SOCKETS = [{"host": "127.0.0.1", "port": port, "internal": inner} for port, inner in PORTS]
LAST = said(3, "debugpySockets", {"sockets": SOCKETS})
RECORDED = telemetry(1, "ptvsd") + telemetry(2, "debugpy") + LAST


def test_the_greeting_is_that_of_debugpy_1_8_22() -> None:
    assert RECORDED.startswith(
        b'Content-Length: 138\r\n\r\n{"seq": 1, "type": "event", "event": "output", "body": '
        b'{"category": "telemetry", "output": "ptvsd", "data": {"packageVersion": "1.8.22"}}}'
        b"Content-Length: 140\r\n\r\n"
    )
    assert LAST.startswith(b"Content-Length: 190\r\n\r\n")


def test_a_greeting_that_has_been_heard_out_names_the_version() -> None:
    assert PROTOCOL.greeting is not None
    assert PROTOCOL.greeting(RECORDED) == Finding(
        "dap", "the events of debugpy", "debugpy", "1.8.22"
    )
    assert PROTOCOL.greeting(LAST) == Finding("dap", "the events of debugpy", "debugpy")


def test_nobody_leaves_before_it_has_said_everything() -> None:
    assert no_beginning_is_enough(PROTOCOL, RECORDED)


@pytest.mark.parametrize(
    "other",
    [
        b"",
        said(1, "output", {"output": "other"}),
        b"Content-Length: 0\r\n\r\n" * 300,
        b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n",
    ],
)
def test_what_others_say_is_no_greeting(other: bytes) -> None:
    assert PROTOCOL.greeting is not None
    assert PROTOCOL.greeting(other) is None


def test_damage_is_survived() -> None:
    assert survives_damage(PROTOCOL, RECORDED)


@given(st.binary())
def test_anything_is_survived(data: bytes) -> None:
    assert survives(PROTOCOL, data)
    assert survives(PROTOCOL, RECORDED[:25] + data)


@pytest.mark.parametrize(
    ("command", "port", "harmed"),
    [
        ("python /v/debugpy/adapter --for-server 4 --host 127.0.0.1 --port 5678", 5678, True),
        ("python /v/debugpy/adapter --for-server 4 --host 127.0.0.1 --port 5678", 35331, True),
        ("python /v/debugpy/adapter", 35331, True),
        ("python -m debugpy.adapter --port 5678", 5678, True),
        ("python -m debugpy --listen 5678 --wait-for-client app.py", 8000, False),
        ("python /v/pydevd.py --server --port 5678 --file app.py", 5678, True),
        ("python /v/pydevd.py --server --port 5678 --file app.py", 8000, False),
        ("python /v/pydevd.py --client 127.0.0.1 --port 5678 --file app.py", 8000, False),
        ("", 5678, False),
    ],
)
def test_a_command_line_tells_whether_a_connection_harms(
    command: str, port: int, *, harmed: bool
) -> None:
    assert PROTOCOL.harm is not None
    assert (PROTOCOL.harm(command.split(), port) is not None) == harmed

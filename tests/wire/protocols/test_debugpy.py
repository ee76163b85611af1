from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.debugpy import PROTOCOL
from tests.wire.protocols.surviving import survives, survives_damage

RECORDED = (
    b'Content-Length: 138\r\n\r\n{"seq": 1, "type": "event", "event": '
    b'"output", "body": {"category": "telemetry", "output": "ptvsd'
    b'", "data": {"packageVersion": "1.8.22"}}}'
)


@pytest.mark.parametrize(
    ("greeting", "product", "version"),
    [
        (RECORDED, "debugpy", "1.8.22"),
        (RECORDED.replace(b', "data": {"packageVersion": "1.8.22"}', b""), "debugpy", None),
    ],
)
def test_a_greeting_names_its_product(
    greeting: bytes, product: str | None, version: str | None
) -> None:
    assert PROTOCOL.greeting is not None
    found = PROTOCOL.greeting(greeting)
    assert found is not None
    assert (found.protocol, found.product, found.version) == ("dap", product, version)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        RECORDED[:100],
        b"Content-Length: 20\r\n\r\n{}",
        RECORDED.replace(b"ptvsd", b"other"),
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


@pytest.mark.parametrize(
    ("command", "port", "harmed"),
    [
        (
            "python /v/debugpy/adapter --for-server 4 --host 127.0.0.1 --port 5678",
            5678,
            False,
        ),
        (
            "python /v/debugpy/adapter --for-server 4 --host 127.0.0.1 --port 5678",
            35331,
            True,
        ),
        ("python /v/debugpy/adapter", 35331, True),
        ("python -m debugpy.adapter --port 5678", 5678, False),
        ("python -m debugpy --listen 5678 --wait-for-client app.py", 8000, False),
        ("python /v/pydevd.py --server --port 5678 --file app.py", 5678, True),
        ("python /v/pydevd.py --server --port 5678 --file app.py", 8000, False),
        ("python /v/pydevd.py --client 127.0.0.1 --port 5678 --file app.py", 8000, False),
    ],
)
def test_a_command_line_tells_whether_a_connection_harms(
    command: str, port: int, *, harmed: bool
) -> None:
    assert PROTOCOL.harm is not None
    assert (PROTOCOL.harm(command.split(), port) is not None) == harmed

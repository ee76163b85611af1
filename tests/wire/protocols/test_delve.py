from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.delve import PROTOCOL


@pytest.mark.parametrize(
    ("command", "port", "harmed"),
    [
        ("dlv debug --headless --listen=127.0.0.1:2345", 2345, True),
        ("dlv dap --listen=127.0.0.1:2345", 2345, True),
        ("dlv exec --headless --accept-multiclient ./app", 2345, False),
        ("go run .", 2345, False),
    ],
)
def test_a_command_line_tells_whether_a_connection_harms(
    command: str, port: int, *, harmed: bool
) -> None:
    assert PROTOCOL.harm is not None
    assert (PROTOCOL.harm(command.split(), port) is not None) == harmed


@given(st.lists(st.text(max_size=30)), st.integers(1, 65535))
def test_any_command_line_is_survived(argv: list[str], port: int) -> None:
    assert PROTOCOL.harm is not None
    PROTOCOL.harm(argv, port)
    PROTOCOL.harm(["dlv", *argv], port)

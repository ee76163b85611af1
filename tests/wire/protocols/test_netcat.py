from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.netcat import PROTOCOL


@pytest.mark.parametrize(
    ("command", "port", "harmed"),
    [
        ("nc -l 127.0.0.1 1234", 1234, True),
        ("nc -lvp 1234", 1234, True),
        ("nc -lk 1234", 1234, True),
        ("/bin/busybox nc -l -p 1234", 1234, True),
        ("ncat --listen 1234", 1234, True),
        ("ncat -l --keep-open --sh-exec cat 1234", 1234, True),
        ("nc -X connect example.org 80", 1234, False),
        ("socat TCP-LISTEN:1234 -", 1234, True),
        ("socat - tcp4-l:1234,reuseaddr", 1234, True),
        ("socat TCP-LISTEN:1234,fork EXEC:/bin/cat", 1234, True),
        ("socat -d -d TCP-LISTEN:1234,fork,reuseaddr TCP:127.0.0.1:80", 1234, False),
        ("socat TCP-LISTEN:1234,reuseaddr TCP:127.0.0.1:80", 1234, True),
        ("socat UNIX-LISTEN:/run/x,fork TCP:127.0.0.1:80", 1234, False),
        ("vim nc -l", 1234, False),
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
    PROTOCOL.harm(["nc", *argv], port)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.ssh_forwarding import PROTOCOL


@pytest.mark.parametrize(
    ("argv", "port", "harmed"),
    [
        (["sshd: root@notty"], 6010, True),
        (["sshd: me@pts/0"], 8080, True),
        (["sshd: root"], 8080, True),
        (["sshd-session: me@pts/0"], 8080, True),
        (["sshd: me [priv]"], 8080, True),
        (["sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups"], 22, False),
        (["/usr/sbin/sshd", "-D"], 22, False),
        (["ssh", "-L", "5432:db:5432", "example.org"], 5432, True),
        (["ssh", "example.org"], 5432, True),
        (["ssh", "-D", "1080", "example.org"], 1080, False),
        (["/usr/bin/ssh", "-fNDlocalhost:1080", "example.org"], 1080, False),
        (["ssh", "-ND", "1080", "-L", "5432:db:5432", "example.org"], 5432, True),
        (["python", "app.py"], 8080, False),
        ([], 8080, False),
    ],
)
def test_a_command_line_tells_whether_a_connection_harms(
    argv: list[str], port: int, *, harmed: bool
) -> None:
    assert PROTOCOL.harm is not None
    assert (PROTOCOL.harm(argv, port) is not None) == harmed


@given(st.lists(st.text(max_size=30)), st.integers(1, 65535))
def test_any_command_line_is_survived(argv: list[str], port: int) -> None:
    assert PROTOCOL.harm is not None
    PROTOCOL.harm(argv, port)
    PROTOCOL.harm(["ssh", *argv], port)

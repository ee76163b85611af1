from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeport.wire.protocols.gdbserver import PROTOCOL


@pytest.mark.parametrize(
    ("command", "port", "harmed"),
    [
        ("gdbserver :2345 ./a.out", 2345, True),
        ("/usr/bin/gdbserver --once localhost:2345 --attach 12", 2345, True),
        ("lldb-server platform --listen *:2345 --server", 2345, True),
        ("qemu-system-x86_64 -s -S -kernel bzImage", 1234, True),
        ("qemu-system-x86_64 -s -S -kernel bzImage", 8080, False),
        ("qemu-system-arm -gdb tcp:127.0.0.1:2345,server=on", 2345, True),
        ("qemu-system-arm -gdb tcp::2345", 2345, True),
        ("qemu-arm -g 2345 a.out", 2345, True),
        ("openocd -f board.cfg", 3333, True),
        ("openocd -f board.cfg", 6666, False),
        ("gdb ./a.out", 2345, False),
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
    PROTOCOL.harm(["gdbserver", *argv], port)

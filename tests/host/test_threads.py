"""In what threads wait, held against threads that wait for something known."""

from __future__ import annotations

import os
import sys

import pytest

from homeport.host.pulse import process_pulse
from homeport.host.threads import thread_waits
from tests.support import spawn, wait_until

READS_A_SOCKET = """
import socket
one, other = socket.socketpair()
print(one.fileno(), flush=True)
one.recv(1)
"""


@pytest.mark.root
def test_a_thread_that_reads_a_socket_is_told_with_its_inode() -> None:
    with spawn([sys.executable, "-c", READS_A_SOCKET], ready=r"^\d+") as process:
        descriptor = int(process.wait_for(r"^\d+")[0])
        waits = wait_until(lambda: thread_waits(process.pid))
        socket = os.readlink(f"/proc/{process.pid}/fd/{descriptor}")
        wait_until(lambda: thread_waits(process.pid)[0].file == socket)
        (wait,) = thread_waits(process.pid)
        assert waits
        assert wait.call == "recvfrom"
        assert f"socket:[{wait.inode}]" == socket
        assert not wait.is_loop


def test_who_has_ended_waits_for_nothing() -> None:
    assert thread_waits(2**22 + 1) == ()


def test_a_pulse_tells_of_stopping_and_of_descriptors() -> None:
    pulse = process_pulse(os.getpid())
    assert pulse is not None
    assert not pulse.stopped
    assert pulse.spare is not None
    assert pulse.spare > 0
    again = process_pulse(os.getpid())
    assert again is not None
    assert again.ready_since(pulse) >= again.busy_since(pulse)

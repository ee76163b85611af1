"""What real processes are doing: sleeping, computing, stopped, full, ended."""

from __future__ import annotations

import os
import resource
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from homeport.host.pulse import ProcessPulse, process_pulse, tcp_counters
from tests.support import (
    NOBODY,
    _python_for_all,
    _readable_library,
    as_user,
    network_namespace,
    spawn,
    wait_until,
)

if TYPE_CHECKING:
    from pathlib import Path

SLEEPING = "import time; print('up', flush=True); time.sleep(60)"
COMPUTING = "print('up', flush=True)\nwhile True: pass"
FULL = """
import os, resource, signal
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
try:
    while True: os.dup(0)
except OSError: print('up', flush=True)
signal.pause()
"""


def python(source: str) -> list[str]:
    return [sys.executable, "-c", source]


def pulse_of(pid: int) -> ProcessPulse:
    found = process_pulse(pid)
    assert found is not None
    return found


def test_one_that_sleeps() -> None:
    with spawn(python(SLEEPING), ready="up") as process:
        wait_until(lambda: pulse_of(process.pid).state == "S")
        pulse = pulse_of(process.pid)
    assert (pulse.stopped, pulse.frozen, pulse.tracer) == (False, False, None)
    assert pulse.threads == 1
    assert pulse.descriptors == 3
    assert pulse.descriptor_limit == resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def test_one_that_computes() -> None:
    with spawn(python(COMPUTING), ready="up") as process:
        before = pulse_of(process.pid)
        wait_until(lambda: pulse_of(process.pid).cpu_ns - before.cpu_ns > 100_000_000)
        assert pulse_of(process.pid).busy_since(before) > 0.05
    assert before.busy_since(before) == before.ready_since(before) == 0


def test_one_that_is_stopped() -> None:
    with spawn(python(SLEEPING), ready="up") as process:
        os.kill(process.pid, signal.SIGSTOP)
        wait_until(lambda: pulse_of(process.pid).stopped)
        os.kill(process.pid, signal.SIGCONT)
        wait_until(lambda: not pulse_of(process.pid).stopped)


def test_one_that_can_open_nothing_more() -> None:
    with spawn(python(FULL), ready="up") as process:
        pulse = pulse_of(process.pid)
    assert (pulse.descriptors, pulse.descriptor_limit, pulse.spare) == (20, 20, 0)


def test_one_that_has_ended() -> None:
    with spawn(python("pass")) as process:
        process.process.wait(10)
    assert process_pulse(process.pid) is None


@pytest.mark.root
def test_what_another_user_may_not_see_is_unknown() -> None:
    code = (
        "import sys; sys.path[:0] = sys.argv[2:]; from homeport.host.pulse import process_pulse; "
        "pulse = process_pulse(int(sys.argv[1])); print(pulse.state, pulse.descriptors)"
    )
    with spawn(python(SLEEPING), ready="up") as process:
        argv = [_python_for_all(NOBODY), "-c", code, str(process.pid), _readable_library()]
        assert as_user(NOBODY, argv).stdout == "S None\n"


@pytest.mark.parametrize(
    "stat",
    [b"", b"1 (x", b"1 (x) S", b"1 (a) b) (c) S 0", b"\xff" * 50],
)
def test_a_line_that_is_broken_is_no_process(tmp_path: Path, stat: bytes) -> None:
    place = tmp_path / "7"
    place.mkdir()
    (place / "stat").write_bytes(stat)
    assert process_pulse(7, str(tmp_path)) is None


def test_a_name_may_hold_anything(tmp_path: Path) -> None:
    place = tmp_path / "7"
    place.mkdir()
    fields = " ".join(str(number) for number in range(1, 50))
    (place / "stat").write_text(f"7 (a) S (b) T {fields}", encoding="ascii")
    (place / "limits").write_text("Max open files            unlimited 9 files\n", encoding="ascii")
    pulse = process_pulse(7, str(tmp_path))
    assert pulse is not None
    assert (pulse.state, pulse.descriptors, pulse.descriptor_limit) == ("T", None, None)


def test_the_counters_of_this_namespace_grow() -> None:
    first, second = tcp_counters(), tcp_counters()
    assert first is not None
    assert second is not None
    assert min(second.since(first)) >= 0


def test_no_counters_without_proc(tmp_path: Path) -> None:
    assert tcp_counters(str(tmp_path)) is None


@pytest.mark.root
def test_a_queue_that_overflows_is_counted() -> None:
    code = """
import socket
from homeport.host.pulse import tcp_counters
before = tcp_counters()
server = socket.socket(); server.bind(("127.0.0.1", 0)); server.listen(0)
clients = [socket.socket() for _ in range(4)]
for each in clients:
    each.settimeout(0.2)
    try: each.connect(server.getsockname())
    except OSError: pass
grown = tcp_counters().since(before)
print(grown.overflows > 0, grown.drops > 0)
"""
    with network_namespace() as namespace:
        assert namespace.run(sys.executable, "-c", code).stdout == "True True\n"

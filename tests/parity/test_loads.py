from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import loads
from tests.parity.ss import ss


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while os.path.exists(f"/proc/{pid}"):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_a_load_has_all_its_sockets_and_leaves_nothing() -> None:
    with loads.running(loads.SMALL) as up:
        ports = {each.port for each in up.listeners}
        mine = [row for row in ss("-tanp") if ports & {row.local_port, row.remote_port}]
        assert sum(row.state == "LISTEN" for row in mine) == loads.SMALL.listeners
        assert sum(row.state == "ESTAB" for row in mine) == 2 * loads.SMALL.connections
        held = len(os.listdir(f"/proc/{up.pids[0]}/fd"))
        assert (
            held
            >= loads.SMALL.other_descriptors + 2 * loads.SMALL.connections // loads.SMALL.processes
        )
        owners = {row.local_port: row.pids for row in mine if row.state == "LISTEN"}
        assert owners == {each.port: (each.pid,) for each in up.listeners}
    assert all(gone(pid) for pid in up.pids)
    pids = set(up.pids)
    left = [row for row in ss("-tanp") if ports & {row.local_port} and pids & set(row.pids)]
    assert left == []


def test_a_load_ends_when_its_block_fails() -> None:
    with pytest.raises(RuntimeError, match="inside"), loads.running(loads.SMALL) as up:
        raise RuntimeError("inside")
    assert all(gone(pid) for pid in up.pids)


@pytest.mark.slow
def test_a_load_that_cannot_come_up_says_so() -> None:
    greedy = loads.SMALL._replace(other_descriptors=10_000_000)
    with pytest.raises(loads.LoadFailed, match="small did not come up"), loads.running(greedy):
        pass


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)]
)
def test_the_workers_end_with_the_command_however_it_ends(
    number: signal.Signals, tmp_path: Path
) -> None:
    script = Path(loads.__file__)
    with subprocess.Popen(
        [sys.executable, str(script), "small"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # after a SIGKILL nobody tidies up
    ) as process:
        assert process.stdout is not None
        assert "6 listeners" in process.stdout.readline()
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as children:
            (coordinator,) = map(int, children.read().split())
        process.send_signal(number)
    assert gone(coordinator)

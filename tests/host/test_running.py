from __future__ import annotations

import os
from pathlib import Path

import pytest

from homeport.host.running import pass_on, run
from homeport.model.errors import NotFound, NotSupported, StateUnusable
from tests.support import has_ended, wait_until


def test_what_it_prints_and_how_it_ends() -> None:
    done = run(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert done.status == 3
    assert done.output == "out\nerr\n"
    assert run(["sh", "-c", "cat"]).output == ""
    assert run(["sh", "-c", "echo $A"], env={"A": "b"}).output == "b\n"


def test_what_is_not_there() -> None:
    with pytest.raises(NotSupported, match="cannot run /nowhere/program"):
        run(["/nowhere/program"])


def passed_on(script: str, to: int) -> int:
    return pass_on(["sh", "-c", script], cwd="/", env={"A": "b", "PATH": os.defpath}, to=to)


def test_all_that_it_prints_is_passed_on(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with path.open("wb") as file:
        assert passed_on("head -c 3000000 /dev/zero; echo $A$PWD; exit 3", file.fileno()) == 3
    assert path.read_bytes() == bytes(3_000_000) + b"b/\n"


def test_what_cannot_be_passed_on_ends_it() -> None:
    with Path("/dev/full").open("wb") as full, pytest.raises(StateUnusable, match="cut off"):
        passed_on("exec yes", full.fileno())
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(BrokenPipeError):
        passed_on("exec yes", writing)
    os.close(writing)
    with pytest.raises(NotFound, match="/nowhere/program cannot be run"):
        pass_on(["/nowhere/program"], cwd="/", env={}, to=1)


@pytest.mark.slow
def test_what_does_not_end_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    script = 'sleep 600 & echo $! > "$0"; wait'
    pids = tmp_path / "pid"
    with pytest.raises(NotSupported, match="did not end"):
        run(["sh", "-c", script, str(pids)], timeout_s=1)
    pid = int(pids.read_text())
    wait_until(lambda: has_ended(pid), what="the end of what it started")

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from homeport.host.running import run
from homeport.model.errors import NotSupported
from tests.support import has_ended, wait_until

if TYPE_CHECKING:
    from pathlib import Path


def test_what_it_prints_and_how_it_ends() -> None:
    done = run(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert done.status == 3
    assert done.output == "out\nerr\n"
    assert run(["sh", "-c", "cat"]).output == ""
    assert run(["sh", "-c", "echo $A"], env={"A": "b"}).output == "b\n"


def test_what_is_not_there() -> None:
    with pytest.raises(NotSupported, match="cannot run /nowhere/program"):
        run(["/nowhere/program"])


@pytest.mark.slow
def test_what_does_not_end_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    script = 'sleep 600 & echo $! > "$0"; wait'
    pids = tmp_path / "pid"
    with pytest.raises(NotSupported, match="did not end"):
        run(["sh", "-c", script, str(pids)], timeout_s=1)
    pid = int(pids.read_text())
    wait_until(lambda: has_ended(pid), what="the end of what it started")

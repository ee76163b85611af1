from __future__ import annotations

import subprocess
import sys

import pytest

from homeport.host.clock import SECOND_NS, Clock
from homeport.host.processes import ProcessReader
from homeport.host.signals import KILL, TERM, pin
from homeport.model.process import ProcessId
from tests.support import NOBODY, has_ended, spawn

IDLE = "import time\nprint('ready', flush=True)\ntime.sleep(600)\n"


def identity(pid: int) -> ProcessId:
    found = ProcessReader().process(pid, facts=False)
    assert found is not None
    return found.identity


@pytest.mark.parametrize("number", [TERM, KILL])
def test_a_pinned_process_gets_the_signal_and_its_end_is_seen(number: int) -> None:
    with (
        spawn([sys.executable, "-c", IDLE], ready="ready") as child,
        pin(identity(child.pid)) or pytest.fail("not pinned") as pinned,
    ):
        assert Clock().wait([pinned], 0) == []
        pinned.send(TERM if number == TERM else KILL)
        assert Clock().wait([pinned], 20 * SECOND_NS) == [pinned]
        assert has_ended(child.pid)


def test_a_signal_to_one_that_has_ended_is_none() -> None:
    with spawn([sys.executable, "-c", IDLE], ready="ready") as child:
        pinned = pin(identity(child.pid))
        assert pinned is not None
        with pinned:
            child.process.kill()
            child.process.wait()
            pinned.send(TERM)


def test_a_pid_that_was_given_away_is_not_pinned() -> None:
    with spawn([sys.executable, "-c", IDLE], ready="ready") as child:
        found = identity(child.pid)
        assert pin(found._replace(start_ticks=found.start_ticks - 1)) is None


def test_nobody_has_an_impossible_pid() -> None:
    assert pin(ProcessId(2**22 + 5, 1)) is None


def test_a_process_that_cannot_be_read_is_not_pinned(tmp_path: object) -> None:
    with spawn([sys.executable, "-c", IDLE], ready="ready") as child:
        assert pin(identity(child.pid), proc=str(tmp_path)) is None


@pytest.mark.root
def test_what_is_not_permitted_is_said() -> None:
    with spawn([sys.executable, "-c", IDLE], ready="ready") as child:
        program = (
            "import os, sys\n"
            "from homeport.host.signals import TERM, pin\n"
            "from homeport.model.errors import NotPermitted\n"
            "from homeport.model.process import ProcessId\n"
            f"pinned = pin(ProcessId{tuple(identity(child.pid))})\n"
            f"os.setuid({NOBODY.uid})\n"
            "try:\n    pinned.send(TERM)\nexcept NotPermitted as error:\n    print(error.what)\n"
        )

        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        assert done.stdout == f"process {child.pid} may not be ended by this user\n"
        assert not has_ended(child.pid)

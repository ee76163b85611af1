from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from homeport.host import cgroups
from homeport.model.service import Limits
from tests.support import spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture
def made() -> Generator[str]:
    found = cgroups.make(os.getpid(), Limits())
    if found.path is None:
        pytest.skip("this user may not make a cgroup here")
    yield found.path
    cgroups.kill(found.path)
    assert wait_until(lambda: cgroups.remove(found.path))


def test_whoever_is_in_it_is_killed_at_once(made: str) -> None:
    script = f"echo $$ > {made}/cgroup.procs; trap '' TERM; setsid sleep 1000 & echo in; wait"
    with spawn(["sh", "-c", script], ready="in") as spawned:
        assert not cgroups.remove(made)
        assert cgroups.kill(made)
        assert spawned.process.wait(10) == -signal.SIGKILL
        assert wait_until(lambda: cgroups.remove(made))


def test_one_below_it_is_removed_too(made: str) -> None:
    os.mkdir(f"{made}/inner")
    assert cgroups.remove(made)
    assert not os.path.exists(made)


def test_the_limits_that_it_can_have_are_set() -> None:
    limits = Limits(memory_bytes=1 << 28, cpus=0.5, processes=50)
    found = cgroups.make(os.getpid(), limits)
    try:
        for field in found.limited:
            assert found.path is not None
            with open(f"{found.path}/{FILES[field][0]}", encoding="ascii") as file:
                assert file.read().strip() == FILES[field][1]
    finally:
        assert cgroups.remove(found.path)


FILES = {
    "memory_bytes": ("memory.max", str(1 << 28)),
    "cpus": ("cpu.max", "50000 100000"),
    "processes": ("pids.max", "50"),
}


def test_what_a_killed_shim_has_left_is_swept(made: str) -> None:
    of_nobody = os.path.join(os.path.dirname(made), "homeport-4194999")  # above any pid_max
    os.mkdir(of_nobody)
    assert cgroups.sweep() >= 1
    assert not os.path.exists(of_nobody)
    assert os.path.exists(made)


def test_without_the_hierarchy_there_is_none(tmp_path: object) -> None:
    assert cgroups.make(os.getpid(), Limits(), proc=str(tmp_path)) == cgroups.Made(None)


def test_one_that_is_not_there_cannot_be_killed() -> None:
    assert not cgroups.kill("/no/such/cgroup")
    assert cgroups.remove(None)

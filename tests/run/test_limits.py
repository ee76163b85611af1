"""Limits that the kernel holds all processes of a service to together.

They need the controllers of cgroups(7), version 2, which the kernel of many a machine has given
away: these tests bring one of their own.
"""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernels import run_in_kernel
from tests.run import limits_within
from tests.support import NOBODY, User, homeport_command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

MIGHTY = User(0, 0)
WHOLE = "."
TERMINAL = "app.slice/terminal.scope"
"""A part of the tree as a desktop gives a terminal one, within what its user owns."""


@pytest.fixture
def told(tmp_path: Path) -> Callable[[User, str], dict[str, Any]]:
    def tell(user: User, part: str) -> dict[str, Any]:
        command, env = homeport_command(None if user == MIGHTY else user)
        place = [str(user.uid), part, json.dumps(env)]
        printed = run_in_kernel(
            [sys.executable, limits_within.__file__, *place, *command], tmp_path
        )
        said: dict[str, Any] = json.loads(printed.splitlines()[-1])
        return said

    return tell


@pytest.mark.parametrize(
    ("user", "part", "where"),
    [
        pytest.param(MIGHTY, WHOLE, r"/homeport-\d+", id="root"),
        pytest.param(
            NOBODY,
            TERMINAL,
            r"/app\.slice/homeport-\d+",
            id="delegated",
            marks=pytest.mark.root,
        ),
    ],
)
def test_all_processes_of_a_service_are_held_together(
    told: Callable[[User, str], dict[str, Any]], user: User, part: str, where: str
) -> None:
    seen = told(user, part)
    assert "not in force" not in seen["logs"]
    assert re.fullmatch(where, seen["within"])
    eater = seen["services"]["eater"]
    assert eater["state"] == "failed"
    assert eater["reason"] == "was ended by SIGKILL, as it was over its limit of memory"
    assert re.search(r"\b[1-4] children", seen["logs"])  # with the shell, at most five processes
    throttled = re.search(r"nr_throttled (\d+)", seen["cpu"])
    assert throttled is not None
    assert int(throttled[1]) > 0
    assert seen["services"]["spinner"]["state"] == "ready"
    assert not seen["left"]


@pytest.mark.root
def test_where_the_tree_is_somebody_elses_it_is_said(
    told: Callable[[User, str], dict[str, Any]],
) -> None:
    seen = told(NOBODY, WHOLE)
    for limit in ("memory", "processes", "cpus"):
        assert (
            f"its limit of {limit} is not in force: this user may not make a cgroup" in seen["logs"]
        )
    assert "19 children" in seen["logs"]
    assert seen["within"] == "/"

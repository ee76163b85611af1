from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.parity.stage import Stage, enter, playing, unshare
from tests.support import need

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=["own namespace", "shared namespace"])
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    directory = tmp_path_factory.mktemp("scene")
    need("ss", package="iproute2")
    alone = request.param == "own namespace"
    prefix = unshare() if alone else ()
    if alone and not prefix:
        pytest.skip("this user may not make a network namespace")
    with playing("scene.py", str(directory), prefix=prefix) as (pid, line):
        said = json.loads(line)
        if alone:
            yield Stage(enter(pid))
        else:
            yield Stage((), frozenset(said["ports"]), frozenset(said["pids"]))

"""Twenty worktrees of one project, up at once: nothing clashes, each is under its name."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.running import RunningProject, processes_of, project
from tests.support import need

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

MANY = 20

DECLARATION = """
[project]
name = "shop"

[services.web]
run = "exec python3 server.py"
env = { SAYS = "${cache.port} of BRANCH" }

[services.cache]
recipe = "redis"

[services.worker]
run = "exec sleep 600"
port = false
"""


def git(directory: Path, *argv: str) -> None:
    program = need("git", package="git")
    settings = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run([program, *settings, *argv], cwd=directory, check=True, capture_output=True)


def worktrees(main: RunningProject, base: Path) -> list[RunningProject]:
    """A worktree for each of as many branches; what each serves tells it apart."""
    git(main.root, "init", "--quiet", "--initial-branch=main")
    git(main.root, "add", ".")
    git(main.root, "commit", "--quiet", "-m", "Begin")
    made = []
    for number in range(MANY):
        branch = f"feature/Number_{number}"
        root = base / f"tree {number}"
        git(main.root, "worktree", "add", "--quiet", "-b", branch, str(root))
        tree = RunningProject(root, base, main.gateway_port)
        tree.write("homeport.toml", DECLARATION.replace("BRANCH", str(number)))
        made.append(tree)
    return made


@contextmanager
def stopped_in_the_end(trees: Sequence[RunningProject]) -> Generator[None]:
    try:
        yield
    finally:
        with ThreadPoolExecutor(MANY) as pool:
            list(pool.map(lambda each: each.homeport("stop", "--now"), trees))


def host(number: int) -> str:
    return f"web.feature-number-{number}.shop"


@pytest.mark.slow
def test_twenty_worktrees_run_beside_each_other(tmp_path: Path) -> None:
    need("redis-server", package="redis-server")
    with project(tmp_path, DECLARATION) as main:
        trees = worktrees(main, tmp_path)
        with stopped_in_the_end(trees), ThreadPoolExecutor(MANY) as pool:
            settled = list(pool.map(lambda each: each.up(timeout=100), trees))
            services = [each for told in settled for each in told["project"]["services"]]
            assert {each["state"] for each in services} == {"ready"}
            ports = [each["port"] for each in services if each["port"]]
            assert len(set(ports)) == len(ports) == 2 * MANY
            for number, told in enumerate(settled):
                web, cache, _ = told["project"]["services"]
                assert main.get(host(number)) == f"{cache['port']} of {number} /"
                assert web["public_url"].startswith(f"http://{host(number)}.localhost:")
            _cost_little(trees[0])
            _come_back_where_they_were(trees[:3], ports)


def _cost_little(tree: RunningProject) -> None:
    """What Homeport itself takes beside the services: processes, memory, and the processor."""
    processes = [psutil.Process(pid) for pid in processes_of(tree)]
    own = [each for each in processes if "homeport" in " ".join(each.cmdline())]
    memory = sum(each.memory_full_info().uss for each in own) / 2**20
    before = sum(sum(each.cpu_times()[:2]) for each in own)
    psutil.cpu_percent(interval=5)
    used = sum(sum(each.cpu_times()[:2]) for each in own) - before
    print(f"{len(own)} processes, {memory:.0f} MB, {used / 5:.1%} of a processor")
    assert memory / MANY < 60
    assert used / 5 < 0.3


def _come_back_where_they_were(trees: Sequence[RunningProject], ports: list[int]) -> None:
    for tree in trees:
        assert tree.homeport("stop").returncode == 0
    for tree in trees:
        tree.up()
        assert {each["port"] for each in tree.ps().values() if each["port"]} <= set(ports)

"""`homeport prune` after real runs."""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from tests.running import project
from tests.schemas import validate
from tests.support import homeport_command, need, run_homeport
from tests.terminal import terminal

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.running import RunningProject

pytestmark = pytest.mark.slow

SCHEMA = json.loads(files("homeport.report").joinpath("schemas", "prune-1.json").read_text("utf-8"))
DECLARATION = '[services.cache]\nrecipe = "redis"\n'


@pytest.fixture
def shop(tmp_path: Path) -> Generator[RunningProject]:
    need("redis-server", package="redis-server")
    with project(tmp_path, DECLARATION) as made:
        yield made


def worktree(shop: RunningProject, name: str) -> Path:
    """Another directory with the same services, which have run."""
    place = shop.root.parent / name
    shutil.copytree(shop.root, place)
    assert shop.homeport("up", "-d", "--json", cwd=place).returncode == 0
    assert shop.homeport("stop", cwd=place).returncode == 0
    return place


def test_what_belongs_to_a_directory_that_is_gone_is_deleted(
    shop: RunningProject, tmp_path: Path
) -> None:
    shop.up()
    one, other = (worktree(shop, name) for name in ("one", "two words"))
    nowhere = shop.homeport("prune", cwd=tmp_path)
    assert (nowhere.returncode, nowhere.stderr) == (0, "")
    assert nowhere.stdout == "nothing is kept of a directory that is gone\n"
    for each in (one, other):
        shutil.rmtree(each)
    looked = shop.homeport("prune", "--dry-run", cwd=tmp_path)
    assert looked.returncode == 0, looked.stderr
    assert str(one) in looked.stdout
    assert str(other) in looked.stdout
    assert str(shop.root) not in looked.stdout
    refused = shop.homeport("prune", cwd=tmp_path)
    assert refused.returncode == 2
    assert "homeport prune --yes" in refused.stderr
    done = shop.homeport("prune", "--yes", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    validate(told, SCHEMA)
    removed = {each["root"]: each["removed"] for each in told["kept"]}
    assert removed == {str(shop.root): False, str(one): True, str(other): True}
    (left,) = (tmp_path / "state" / "homeport" / "projects").iterdir()
    assert (left / "data" / "cache").exists()
    assert shop.ps_of("cache") == "ready"


def test_a_person_is_asked(shop: RunningProject, tmp_path: Path) -> None:
    shutil.rmtree(worktree(shop, "one"))
    kept = tmp_path / "state" / "homeport" / "projects"
    argv = [*homeport_command()[0], "prune"]
    for answer, status, left in (("n", 1, 1), ("y", 0, 0)):
        with terminal(argv, cwd=tmp_path, env=shop.env) as screen:
            screen.sees("Delete all of that, ")
            screen.press(f"{answer}\r")
            assert screen.ends() == status
        assert len(list(kept.iterdir())) == left


def test_what_runs_is_told(shop: RunningProject, tmp_path: Path) -> None:
    shop.up()
    away = tmp_path / "away"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    env = {**shop.env, "XDG_RUNTIME_DIR": str(elsewhere)}
    shop.root.rename(away)
    try:
        told = shop.homeport("prune", cwd=tmp_path)
        assert "homeport stop --all" in told.stdout
        assert "nothing is kept" in told.stdout
        assert "nothing is kept" in run_homeport("prune", "--yes", env=env, cwd=tmp_path).stdout
    finally:
        away.rename(shop.root)
    assert shop.ps_of("cache") == "ready"

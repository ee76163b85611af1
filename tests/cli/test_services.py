"""`ps`, `env`, `open`, `restart` and `stop` of a project that runs, and where none does."""

from __future__ import annotations

import json
import os
import signal
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from homeport.report.style import columns
from tests.running import SERVER, project
from tests.schemas import validate
from tests.support import NOBODY, leased_port, run_homeport, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.running import RunningProject

DECLARATION = """
[services.web]
run = "python3 server.py"
env = { SAYS = "one\\ntwo 'three' \\"$HOME\\"" }

[services.api]
run = "python3 server.py"

[services.broken]
run = "echo no such table; exit 3"
port = false
restart = "never"
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningProject]:
    place = tmp_path_factory.mktemp("services")
    with project(place, DECLARATION, name="my shöp\nof 'x' $HOME") as made:
        assert made.homeport("up", "-d").returncode == 1
        yield made


def schema(name: str) -> dict[str, object]:
    text = files("homeport.report").joinpath("schemas", f"{name}.json").read_text("utf-8")
    found: dict[str, object] = json.loads(text)
    return found


def test_a_directory_of_any_name_has_a_project_of_a_plain_one(shop: RunningProject) -> None:
    done = shop.homeport("ps", "--json")
    validate(json.loads(done.stdout), schema("ps-1"))
    (found,) = json.loads(done.stdout)["projects"]
    assert found["root"] == str(shop.root)
    assert shop.get(f"api.{found['name']}") == "hello /"


def test_what_is_not_well_makes_the_status_one(shop: RunningProject) -> None:
    done = shop.homeport("ps")
    assert done.returncode == 1
    assert "broken failed: ended with status 3" in done.stdout
    assert "  no such table" in done.stdout


def test_forty_columns_are_enough_and_no_colours_are_none(shop: RunningProject) -> None:
    for words in (("ps",), ("ps", "--color", "always")):
        env = {**shop.env, "COLUMNS": "40", "NO_COLOR": "1"}
        shown = run_homeport(*words, env=env, cwd=shop.root).stdout
        assert ("\x1b" in shown) == ("always" in words)
        if "always" not in words:
            assert max(map(columns, shown.splitlines())) <= 40


def test_commands_work_from_within_the_project_and_from_outside(shop: RunningProject) -> None:
    within = shop.root / "a" / "b"
    within.mkdir(parents=True, exist_ok=True)
    assert "web" in shop.homeport("ps", cwd=within).stdout
    outside = shop.root.parent
    assert "web" in shop.homeport("ps", "-C", str(within), cwd=outside).stdout
    assert "no services run for" in shop.homeport("env", cwd=outside).stderr
    assert "those that run: my-sh" in shop.homeport("env", cwd=outside).stderr
    # Where the directory is of no project, those of all are shown.
    assert "web" in shop.homeport("ps", cwd=outside).stdout
    assert shop.homeport("ps", "-C", str(outside)).returncode == 1


def test_an_environment_is_for_shells_files_and_programs(shop: RunningProject) -> None:
    told = json.loads(shop.homeport("env", "web", "--json").stdout)
    validate(told, schema("env-1"))
    assert told["variables"]["SAYS"] == "one\ntwo 'three' \"$HOME\""
    assert "export SAYS='one\ntwo '\"'\"'three" in shop.homeport("env", "web").stdout
    place = shop.root / "kept.env"
    assert shop.homeport("env", "web", "--write", str(place)).returncode == 0
    assert 'SAYS="one\\ntwo' in place.read_text()
    assert shop.homeport("env", "nobody").returncode == 2
    refused = shop.homeport("env", "--write", "/nowhere/x.env")
    assert refused.returncode == 1
    assert "cannot write /nowhere/x.env" in refused.stderr


def test_open_says_where_and_asks_which(shop: RunningProject) -> None:
    name = json.loads(shop.homeport("ps", "--json").stdout)["projects"][0]["name"]
    base = f"localhost:{shop.gateway_port}"
    assert shop.homeport("open", "--print").stdout == f"http://web.{name}.{base}\n"
    assert shop.homeport("open", "api", "--print").stdout == f"http://api.{name}.{base}\n"
    none = shop.homeport("open", "broken")
    assert none.returncode == 1
    assert "there are: web, api" in none.stderr
    without = {**shop.env, "BROWSER": "false %s", "PATH": "/nowhere"}
    unable = run_homeport("open", "api", env=without, cwd=shop.root)
    assert unable.returncode == 1
    assert f"open http://api.{name}.{base}" in unable.stderr
    into = shop.root / "opened"
    browser = shop.write("browser", f'#!/bin/sh\necho "$1" > "{into.name}"\n')
    browser.chmod(0o755)
    own = {**shop.env, "BROWSER": "./browser %s"}
    assert run_homeport("open", "api", env=own, cwd=shop.root).returncode == 0
    assert wait_until(into.exists)


def test_restart_and_stop_tell_programs_how_all_is(shop: RunningProject) -> None:
    before = shop.ps()["api"]["pid"]
    done = shop.homeport("restart", "api", "--json")
    validate(json.loads(done.stdout), schema("ps-1"))
    assert done.returncode == 1  # as one is not well
    assert shop.ps()["api"]["pid"] != before
    done = shop.homeport("stop", "api", "--json")
    validate(json.loads(done.stdout), schema("ps-1"))
    assert (done.returncode, shop.ps_of("api")) == (0, "stopped")
    assert shop.homeport("restart", "api").returncode == 1
    assert shop.ps_of("api") == "ready"
    for command in ("restart", "stop"):
        assert shop.homeport(command, "nobody").returncode == 2
    assert shop.homeport("up", "-d", "api").returncode == 1


@pytest.mark.slow
def test_a_supervisor_that_hangs_hides_no_other_one(shop: RunningProject, tmp_path: Path) -> None:
    with project(tmp_path, '[services.x]\nrun = "exec sleep 600"\nport = false\n') as other:
        other.env.update(shop.env)
        other.up()
        stopped = next(
            each["supervisor"]
            for each in json.loads(other.homeport("ps", "--all", "--json").stdout)["projects"]
            if each["root"] == str(other.root)
        )
        with _stopped(stopped):
            assert "WEB_URL=" in shop.homeport("env").stdout
        assert other.ps_of("x") == "ready"
        other.homeport("stop", "--now")


@contextmanager
def _stopped(pid: int) -> Generator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_where_nothing_runs_each_command_says_what_starts_it(tmp_path: Path) -> None:
    with project(tmp_path) as shop:
        for words in (("stop",), ("restart",), ("env",), ("open",), ("exec", "--", "true")):
            done = shop.homeport(*words)
            assert done.returncode == 1, words
            assert "homeport up starts them" in done.stderr
        assert shop.homeport("exec").returncode == 2
        assert shop.homeport("logs").returncode == 1


@pytest.mark.root
@pytest.mark.slow
def test_an_ordinary_user_without_any_directory_named() -> None:
    with TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        _up_as_nobody(Path(place))


def _up_as_nobody(tmp_path: Path) -> None:
    root, home = tmp_path / "shop", tmp_path / "home"
    for place in (root, home):
        place.mkdir()
        os.chown(place, NOBODY.uid, NOBODY.gid)
    (root / "server.py").write_text(SERVER)
    (root / "homeport.toml").write_text('[services.web]\nrun = "python3 server.py"\n')
    env = {"HOME": str(home), "HOMEPORT_PORT": str(leased_port())}
    try:
        for words in (("up", "-d"), ("ps",), ("env",), ("logs",), ("stop",)):
            done = run_homeport(*words, env=env, user=NOBODY, cwd=root, timeout=60)
            assert done.returncode == 0, done.stdout + done.stderr
    finally:
        run_homeport("stop", "--now", env=env, user=NOBODY, cwd=root)
    modes = {path.stat().st_mode & 0o077 for path in home.rglob("*") if path.is_dir()}
    assert modes == {0}
    assert {path.name for path in root.iterdir()} == {"server.py", "homeport.toml"}
    homeless = {**env, "HOME": "/nonexistent"}
    refused = run_homeport("up", "-d", env=homeless, user=NOBODY, cwd=root)
    assert refused.returncode == 1
    assert "set HOME, XDG_STATE_HOME" in refused.stderr

"""`homeport run` at a real terminal: Ctrl-C, job control, exit statuses."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.running import processes_of, project
from tests.support import homeport_command, need, wait_until
from tests.terminal import terminal

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.running import RunningProject
    from tests.terminal import Terminal


@pytest.fixture
def shop(tmp_path: Path) -> Generator[RunningProject]:
    with project(tmp_path) as made:
        yield made


@contextmanager
def shown(shop: RunningProject, *argv: str) -> Generator[Terminal]:
    words = [*homeport_command()[0], "run", "--", *argv]
    with terminal(words, cwd=shop.root, env=shop.env) as made:
        yield made


def only_the_gateway_is_left(shop: RunningProject) -> bool:
    return len(processes_of(shop)) <= 1


def test_ctrl_c_ends_the_command_and_leaves_nothing(shop: RunningProject) -> None:
    # The last program says itself that it has begun: dash loses a Ctrl-C that comes while it starts
    # the next program, with Homeport or without.
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); "
        "print('begun', flush=True); signal.pause()"
    )
    with shown(shop, "sh", "-c", f'sleep 600 & exec python3 -c "{program}"') as screen:
        screen.sees("begun")
        screen.press("\x03")
        assert screen.ends() == 130
    wait_until(lambda: only_the_gateway_is_left(shop), what="the end of all processes")


@pytest.mark.slow
def test_a_command_may_go_on_after_ctrl_c(shop: RunningProject) -> None:
    code = (
        "import time\n"
        "try: print('begun', flush=True); time.sleep(600)\n"
        "except KeyboardInterrupt: print('asked'); raise SystemExit(5)"
    )
    with shown(shop, "python3", "-c", code) as screen:
        screen.sees("begun")
        screen.press("\x03")
        screen.sees("asked")
        assert screen.ends() == 5


@pytest.mark.slow
def test_it_is_a_job_of_the_shell(shop: RunningProject) -> None:
    bash = need("bash", package="bash")
    with terminal([bash, "--norc", "-i"], cwd=shop.root, env={**shop.env, "PS1": "$ "}) as screen:
        line = " ".join([*homeport_command()[0], "run", "--", "cat"])
        screen.press(f"{line}\r")
        cat = wait_until(lambda: next(iter(filter(_is_cat, processes_of(shop))), None))
        assert cat
        screen.press("one\r")
        screen.sees("one\r\n.*one\r\n|one\r\none\r\n")
        screen.press("\x1a")
        screen.sees("Stopped")
        assert _state(cat) == "T"
        screen.press("fg\r")
        wait_until(lambda: _state(cat) == "S", what="cat to go on")
        screen.press("two\r")
        screen.sees("two\r\ntwo\r\n")
        screen.press("\x04")
        screen.press("echo status $?\r")
        screen.sees("status 0\r\n")
        screen.press("exit\r")
        assert screen.ends() == 0
    wait_until(lambda: only_the_gateway_is_left(shop), what="the end of all processes")


def _is_cat(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8") == "cat\n"
    except OSError:
        return False


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]


PRINTS = "import os, sys; print(sys.argv[1:], os.environ['PORT'])"


@pytest.mark.slow
def test_words_arrive_as_they_are_but_for_the_port(shop: RunningProject) -> None:
    words = ("127.0.0.1:{port}", "{port}", "a b'c{port}\"$HOME", "${HOME}", "${x.y}", "$${", "")
    done = shop.homeport("run", "--", "python3", "-c", PRINTS, *words)
    assert done.returncode == 0, done.stderr
    printed, _, port = done.stdout.strip().rpartition(" ")
    assert printed == str([word.replace("{port}", port) for word in words])


def test_its_exit_status_is_the_commands(shop: RunningProject) -> None:
    assert shop.homeport("run", "--", "sh", "-c", "exit 7").returncode == 7
    assert shop.homeport("run", "--", "sh", "-c", "kill -9 $$").returncode == 137
    assert shop.homeport("run").returncode == 2
    assert shop.homeport("run", "--port", "x", "--", "true").returncode == 2


@pytest.mark.slow
def test_it_goes_beside_the_services_of_the_project(shop: RunningProject) -> None:
    shop.write("homeport.toml", '[services.web]\nrun = "python3 server.py"\n')
    shop.up()
    with shown(shop, "sleep", "600"):
        wait_until(lambda: len(_projects(shop)) == 2)
        # The project's own are meant, and not what else runs there.
        assert "WEB_URL=" in shop.homeport("env").stdout
        assert shop.homeport("run", "--", "sleep", "1").returncode == 1
        assert shop.homeport("stop").returncode == 0
        wait_until(lambda: len(_projects(shop)) == 1)
        assert shop.ps_of("sleep") == "starting"


def _projects(shop: RunningProject) -> list[object]:
    found: list[object] = json.loads(shop.homeport("ps", "--all", "--json").stdout)["projects"]
    return found


def test_the_variables_of_the_port_are_there(shop: RunningProject) -> None:
    code = "import os; print(*map(os.environ.get, ('HOST', 'HOMEPORT_URL', 'PORT')))"
    done = shop.homeport("run", "--name", "docs", "--", "python3", "-c", code)
    host, url, port = done.stdout.split()
    assert (host, url) == ("127.0.0.1", f"http://docs.shop.localhost:{shop.gateway_port}")
    assert os.fspath(shop.root.name) == "shop"
    assert port.isdigit()

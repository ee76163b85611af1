"""`homeport attach` at a real terminal."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.running import project
from tests.support import homeport_command, wait_until
from tests.terminal import terminal

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.running import RunningProject
    from tests.terminal import Terminal

DEBUGGED = """
import os, signal, sys, time
def size(*_):
    print("window", *os.get_terminal_size(), flush=True)
signal.signal(signal.SIGWINCH, size)
secret = 6 * 7
breakpoint()
print("goes on", flush=True)
while True:
    time.sleep(1000)
"""
COUNTING = """
import os, sys, time, tty
tty.setraw(0)
print("waits", flush=True)
open("go").close()  # a FIFO: until somebody writes to it
got = 0
while got < int(sys.argv[1]):
    got += len(os.read(0, 65536))
    print("got", got, flush=True)
time.sleep(1000)
"""
DECLARATION = """
[services.web]
run = "exec python3 debugged.py"
port = false

[services.brief]
run = "read line; exit 3"
port = false
restart = "never"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Generator[RunningProject]:
    with project(tmp_path, DECLARATION, files={"debugged.py": DEBUGGED}) as made:
        made.up()
        wait_until(lambda: "(Pdb)" in made.homeport("logs", "web").stdout)
        yield made


@contextmanager
def attached(shop: RunningProject, service: str) -> Generator[Terminal]:
    argv = [*homeport_command()[0], "attach", service]
    with terminal(argv, cwd=shop.root, env=shop.env) as made:
        made.sees(f"attached to {service}; Ctrl-\\] lets go")
        yield made


def test_a_debugger_is_worked_with_and_let_go(shop: RunningProject) -> None:
    pid = shop.ps()["web"]["pid"]
    with attached(shop, "web") as screen:
        screen.sees(r"\(Pdb\)")  # it was printed before anybody was there
        screen.press("p secret\r")
        screen.sees(r"\n42\r?\n")
        screen.press("c\r")
        screen.sees("\ngoes on")
        screen.resize(31, 97)
        screen.sees("window 97 31")
        screen.press("\x03")
        screen.sees("Program interrupted")
        busy = shop.homeport("attach", "web")
        assert busy.returncode == 2
        assert "needs a terminal" in busy.stderr
        argv = [*homeport_command()[0], "attach", "web"]
        with terminal(argv, cwd=shop.root, env=shop.env) as second:
            second.sees("somebody is attached to web already")
            assert second.ends() == 1
        screen.press("\x1d")
        screen.sees("let go")
        assert screen.ends() == 0
    services = shop.ps()
    assert (services["web"]["pid"], services["web"]["state"]) == (pid, "ready")
    with attached(shop, "web") as again:
        again.press("p secret\r")
        again.sees(r"\n42\r?\n")


@pytest.mark.slow
def test_the_end_of_the_service_or_of_all_ends_it(shop: RunningProject) -> None:
    with attached(shop, "brief") as screen:
        screen.press("\r")
        screen.sees("brief: ended with status 3")
        assert screen.ends() == 0
    absent = [*homeport_command()[0], "attach", "brief"]
    with terminal(absent, cwd=shop.root, env=shop.env) as screen:
        screen.sees("brief does not run")
        assert screen.ends() == 1
    with attached(shop, "web") as screen:
        shop.homeport("stop", "--now")
        screen.sees("web: ")
        assert screen.ends() == 0


@pytest.mark.slow
def test_a_terminal_that_is_gone_lets_go(shop: RunningProject) -> None:
    with attached(shop, "web") as screen:
        screen.press("p secret")
    wait_until(lambda: _may_be_attached(shop), what="the service to be let go")


def test_what_is_pasted_waits_for_a_program_that_does_not_read_yet(tmp_path: Path) -> None:
    size = 300_000
    declaration = f'[services.late]\nrun = "exec python3 count.py {size}"\nport = false\n'
    with project(tmp_path, declaration, files={"count.py": COUNTING}) as made:
        os.mkfifo(made.root / "go")
        made.up()
        wait_until(lambda: "waits" in made.homeport("logs").stdout)
        with attached(made, "late") as screen:
            for _ in range(size // 1000):
                screen.press("x" * 1000)
            with open(made.root / "go", "w", encoding="ascii"):
                screen.sees("got ")
            screen.sees(f"got {size}")


def _may_be_attached(shop: RunningProject) -> bool:
    argv = [*homeport_command()[0], "attach", "web"]
    with terminal(argv, cwd=shop.root, env=shop.env) as screen:
        return "already" not in screen.sees(r"lets go|already")[0]


def test_what_cannot_be_attached_to_is_told(tmp_path: Path) -> None:
    with project(tmp_path) as shop:
        argv = [*homeport_command()[0], "attach", "web"]
        with terminal(argv, cwd=shop.root, env=shop.env) as screen:
            assert screen.ends() == 1
            assert re.search("no services run", screen.screen)

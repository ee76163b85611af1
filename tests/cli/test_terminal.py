from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import termios
from typing import TYPE_CHECKING

import pytest

from homeport.cli.terminal import raw
from tests.support import homeport_command, run_homeport, spawn

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from tests.support import Spawned

LISTEN = """
import socket, time
s = socket.create_server(("127.0.0.1", 0))
print("port", s.getsockname()[1], flush=True)
time.sleep(600)
"""


@pytest.fixture
def port() -> Generator[str]:
    import sys

    with spawn([sys.executable, "-c", LISTEN], ready=r"port \d+") as child:
        yield port_of(child)


def port_of(child: Spawned) -> str:
    return child.wait_for(r"port (\d+)")[1]


def on_a_terminal(*words: str, columns: int = 80, env: Mapping[str, str] | None = None) -> str:
    """What the command shows on a real terminal of so many columns."""
    import fcntl
    import struct
    import termios

    command, more = homeport_command()
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm", **more, **(env or {})}
    for name in ("COLUMNS", "NO_COLOR", "CLICOLOR_FORCE"):
        if name not in (env or {}):
            environment.pop(name, None)
    with subprocess.Popen([*command, *words], stdout=theirs, env=environment) as child:
        os.close(theirs)
        shown = b""
        while True:
            try:
                more_shown = os.read(ours, 65536)
            except OSError:  # EIO: the other side is closed
                break
            if not more_shown:
                break
            shown += more_shown
        child.wait(30)
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def test_a_terminal_is_coloured_and_not_overrun(port: str) -> None:
    shown = on_a_terminal("--port", port, columns=40)
    assert "\x1b[" in shown
    bare = re.sub(r"\x1b\[\d*m", "", shown)
    assert f"127.0.0.1:{port}" in bare
    assert max(map(len, bare.splitlines())) <= 40


@pytest.mark.parametrize(
    ("words", "env", "colored"),
    [
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": ""}, True),
        ([], {"TERM": "dumb"}, False),
        (["--color", "never"], {}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
    ],
)
def test_colour_on_a_terminal(
    port: str,
    words: list[str],
    env: dict[str, str],
    colored: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    assert ("\x1b[" in on_a_terminal("--port", port, *words, env=env)) is colored


@pytest.mark.parametrize(
    ("words", "env", "colored"),
    [
        ([], {}, False),
        ([], {"CLICOLOR_FORCE": "1"}, True),
        ([], {"CLICOLOR_FORCE": "0"}, False),
        ([], {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
        (["--color=always"], {}, True),
    ],
)
def test_colour_through_a_pipe(
    port: str,
    words: list[str],
    env: dict[str, str],
    colored: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    assert ("\x1b[" in run_homeport("--port", port, *words, env=env).stdout) is colored


def test_a_pipe_has_no_width_unless_columns_says_so(port: str) -> None:
    wide = run_homeport("--port", port, "--tree", env={"COLUMNS": ""}).stdout
    narrow = run_homeport("--port", port, "--tree", env={"COLUMNS": "20"}).stdout
    assert max(map(len, wide.splitlines())) > 20
    assert max(map(len, narrow.splitlines())) <= 20


def test_a_width_that_no_terminal_has_is_ignored(port: str) -> None:
    done = run_homeport("--port", port, env={"COLUMNS": "9" * 5000})
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("form", [["ls"], ["--tree"], ["--graph"], ["--plain"], ["--json"]])
def test_an_encoding_without_a_single_umlaut_will_do(form: list[str], port: str) -> None:
    env = {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONIOENCODING": "ascii",
        "COLUMNS": "20",
    }
    done = run_homeport(*form, "--port", port, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()


@pytest.mark.parametrize(
    "words", [["kill", "port-of-a-name-that-nobody-knows"], ["history", "--at", "no such time"]]
)
def test_errors_are_as_wide_as_the_terminal_and_commands_stay_whole(words: list[str]) -> None:
    done = run_homeport(*words, env={"COLUMNS": "40"})
    lines = done.stderr.splitlines()
    assert max(len(line) for line in lines if "next: " not in line) <= 40
    assert len([line for line in lines if line.startswith("  next: ")]) == 1
    assert lines[0].startswith("homeport:")


def test_without_a_terminal_an_error_is_not_broken() -> None:
    (first, *_) = run_homeport("kill", "port-of-a-name-that-nobody-knows").stderr.splitlines()
    assert first.endswith("is a name, and names are not looked up here") or "no port" in first


def test_sentences_on_standard_output_are_as_wide_as_the_terminal(tmp_path: Path) -> None:
    narrow = {"COLUMNS": "40", "XDG_STATE_HOME": str(tmp_path)}
    said = run_homeport("history", env=narrow).stdout.splitlines()
    assert max(len(line) for line in said if not line.startswith("  ")) <= 40
    assert "  homeport watch --record" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_raw_terminal_is_given_back_by_whoever_is_asked_to_end(number: int) -> None:
    ours, theirs = pty.openpty()
    before, handler = termios.tcgetattr(theirs), signal.getsignal(number)
    with open(theirs, encoding="utf-8") as stream:
        with pytest.raises(SystemExit, match=str(128 + number)), raw(stream):
            assert termios.tcgetattr(theirs) != before
            signal.raise_signal(number)
        assert termios.tcgetattr(theirs) == before
    os.close(ours)
    assert signal.getsignal(number) is handler

"""`homeport watch` as a whole process: through a pipe, on a terminal, with commands, to the end."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import termios
import time
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from tests.schemas import validate
from tests.support import NOBODY, homeport_command, printed_by, run_homeport, spawn, wait_until

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SCHEMA = json.loads(files("homeport.report").joinpath("schemas", "watch-1.json").read_text("utf-8"))


class Watching:
    """A `homeport watch` that is ready, and a port of our own to watch."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def lines_of(self, port: int, count: int) -> list[str]:
        """The next lines about a port; the machine is full of others."""
        found: list[str] = []
        while len(found) < count:
            line = self.line()
            assert line, f"it ended: {self.errors()}"
            if f":{port} " in line or f'"port": {port},' in line:
                found.append(line)
        return found

    def errors(self) -> str:
        self.process.terminate()
        assert self.process.stderr is not None
        return self.process.stderr.read()


@contextmanager
def watching(*options: str, env: dict[str, str] | None = None) -> Generator[Watching]:
    argv, more = homeport_command()
    process = subprocess.Popen(
        [*argv, "watch", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **more, **(env or {})},
    )
    assert process.stderr is not None
    assert process.stdout is not None
    try:
        first = process.stderr.readline()
        assert first.startswith("watching "), first + process.stderr.read()
        yield Watching(process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def listening() -> socket.socket:
    made = socket.create_server(("127.0.0.1", 0))
    made.settimeout(20)
    return made


def port_of(made: socket.socket) -> int:
    return int(made.getsockname()[1])


def ended(process: subprocess.Popen[str]) -> int:
    return process.wait(timeout=20)


def test_lines_through_a_pipe_come_as_it_happens() -> None:
    with watching("--interval", "0.05") as watch:
        with listening() as made:
            port = port_of(made)
            (opened,) = watch.lines_of(port, 1)
        (closed,) = watch.lines_of(port, 1)
        assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  opened     127\.0\.0\.1:", opened)
        assert f"{os.getpid()}" in opened
        assert "closed" in closed


def test_json_lines_are_as_the_schema_says() -> None:
    with watching("--json", "--interval", "0.05") as watch:
        with listening() as made:
            port = port_of(made)
            (opened,) = watch.lines_of(port, 1)
        (closed,) = watch.lines_of(port, 1)
    events: list[dict[str, Any]] = [json.loads(opened), json.loads(closed)]
    for event in events:
        validate(event, SCHEMA)
    assert [event["event"] for event in events] == ["opened", "closed"]
    assert os.getpid() in [owner["pid"] for owner in events[0]["owners"]]


@pytest.mark.root
def test_an_ordinary_user_is_told_of_others_and_that_their_owners_are_hidden() -> None:
    with listening() as made:
        port = port_of(made)
        argv, more = homeport_command(NOBODY)
        argv += ["watch", "--json", "--port", str(port), "--count", "1", "--interval", "3600"]
        env = {"PATH": os.environ["PATH"], **more}
        with spawn(argv, user=NOBODY, env=env, cwd="/", ready="^watching") as watch:
            made.close()
            event = json.loads(watch.wait_for(r"^\{.*$")[0])
    validate(event, SCHEMA)
    assert event["event"] == "closed"
    assert event["certainty"] in {"hidden", "inferred"}


def test_only_the_chosen_ports_are_shown() -> None:
    with listening() as kept:
        port = port_of(kept)
    with watching("--json", "--interval", "0.05", "--port", str(port), "--count", "1") as watch:
        with listening(), socket.create_server(("127.0.0.1", port)):
            line = watch.line()
        assert json.loads(line)["port"] == port
        assert ended(watch.process) == 0


def test_only_what_is_chosen_is_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        chosen = run_homeport("watch", "--port", port, "--for", "0.1", "--count", "1")
    assert chosen.stderr.startswith("watching 1 listener,")
    assert chosen.returncode == 1


def test_udp_only_when_asked_for() -> None:
    with watching("--json", "--udp", "--interval", "0.05") as watch:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
            made.bind(("127.0.0.1", 0))
            port = port_of(made)
            (line,) = watch.lines_of(port, 1)
        assert json.loads(line)["transport"] == "udp"


def test_count_ends_it_with_success() -> None:
    with listening() as made:
        port = port_of(made)
        with watching("--count", "1", "--for", "60", "--port", str(port)) as watch:
            made.close()
            assert ended(watch.process) == 0


def test_for_ends_it_and_says_when_too_little_happened() -> None:
    with listening() as made:
        port = port_of(made)
    assert run_homeport("watch", "--for", "0.1", "--port", str(port)).returncode == 0
    missed = run_homeport("watch", "--for", "0.1", "--count", "1", "--port", str(port))
    assert missed.returncode == 1
    assert missed.stdout == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_at_once_and_quietly(number: signal.Signals) -> None:
    with watching("--interval", "3600") as watch:
        watch.process.send_signal(number)
        assert ended(watch.process) == 0
        assert watch.errors() == ""


def test_a_reader_that_goes_ends_it_also_while_nothing_happens() -> None:
    with listening() as made:
        port = port_of(made)
    with watching("--interval", "3600", "--port", str(port)) as watch:
        assert watch.process.stdout is not None
        watch.process.stdout.close()
        assert ended(watch.process) == 0
        assert watch.process.stderr is not None
        assert watch.process.stderr.read() == ""


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--port", "70000"], "port 70000 does not exist"),
        (["--port", "90-80"], "no range of ports"),
        (["--count", "0"], "no number of events"),
        (["--count", "x"], "no number of events"),
        (["--for", "-1"], "no number of seconds"),
        (["--for", "nan"], "no number of seconds"),
        (["--for", "soon"], "no number of seconds"),
        (["--for", "1.2.3"], "no number of seconds"),
        (["--for", "1e-3"], "no number of seconds"),
        (["--for", "0_0"], "no number of seconds"),
        (["--for", "\N{ARABIC-INDIC DIGIT ZERO}"], "no number of seconds"),
        (["--interval", "0"], "no number of seconds"),
        (["--exec", ""], "the command is empty"),
        (["--exec", "'open"], "cannot be read"),
        (["--exec", "no-such-program-here"], "there is no program"),
        (["--json", "--lines"], "not allowed with"),
        (["--nonsense"], "has no option"),
    ],
)
def test_wrong_usage_is_said(options: list[str], complaint: str) -> None:
    done = run_homeport("watch", *options)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_runs_for_each_event_of_the_chosen_ports(tmp_path: Path) -> None:
    program = tmp_path / "told"
    program.write_text(
        '#!/bin/sh\necho "$HOMEPORT_EVENT $HOMEPORT_ADDRESS $HOMEPORT_PORT $HOMEPORT_PID $1"\n',
        encoding="ascii",
    )
    program.chmod(0o755)
    with listening() as made:
        port = port_of(made)
        options = ("--quiet", "--port", str(port), "--count", "1", "--exec", f"{program} 'a b'")
        with watching(*options) as watch:
            made.close()
            assert ended(watch.process) == 0
            assert watch.line() == ""
            assert watch.errors() == f"closed 127.0.0.1 {port} {os.getpid()} a b\n"


def test_a_command_that_fails_is_said() -> None:
    with listening() as made:
        port = port_of(made)
        with watching("--port", str(port), "--count", "1", "--exec", "false") as watch:
            made.close()
            assert ended(watch.process) == 0
            assert watch.errors() == "homeport: false: ended with exit status 1\n"


def test_a_notification_is_shown_by_the_desktops_program(tmp_path: Path) -> None:
    program = tmp_path / "notify-send"
    program.write_text('#!/bin/sh\nfor word; do echo "$word"; done\n', encoding="ascii")
    program.chmod(0o755)
    env = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere",
    }
    with listening() as made:
        port = port_of(made)
        options = ("--quiet", "--notify", "--count", "1", "--port", str(port))
        with watching(*options, env=env) as watch:
            made.close()
            assert ended(watch.process) == 0
            shown = watch.errors().splitlines()
    assert shown[:3] == ["--app-name=homeport", "--", f"127.0.0.1:{port} closed"]
    assert str(os.getpid()) in shown[3]


def test_without_a_desktop_that_is_said_at_the_start(tmp_path: Path) -> None:
    done = run_homeport("watch", "--notify", "--for", "1", env={"PATH": str(tmp_path)})
    assert done.returncode == 1
    assert "notifications cannot be shown here" in done.stderr


class Terminal:
    """A pseudo-terminal with a `homeport watch` on it, and everything that it has shown."""

    def __init__(self, columns: int, lines: int, *options: str, env: dict[str, str]) -> None:
        argv, more = homeport_command()
        self.master, slave = pty.openpty()
        self.resize(columns, lines)
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen(
            [*argv, "watch", *options],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, "TERM": "xterm-256color", **more, **env},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )
        self.shown = ""
        self._seen = 0

    def resize(self, columns: int, lines: int) -> None:
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, size)

    def press(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def wait_for(self, text: str) -> None:
        """Reads until the text was shown after that of the last call.

        One read may bring both: what was read too much is for the next call.
        """
        deadline = time.monotonic() + 20
        while (found := self.shown.find(text, self._seen)) < 0:
            left = deadline - time.monotonic()
            assert left > 0, f"{text!r} was not shown: {self.shown[self._seen :]!r}"
            self._read(left)
        self._seen = found + len(text)

    def _read(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        self.shown += os.read(self.master, 65536).decode()
        return True

    def end(self) -> int:
        """The exit status, once everything was read that is shown until then."""
        deadline = time.monotonic() + 20
        while self.process.poll() is None:
            assert time.monotonic() < deadline
            self._read(0.05)
        while self._read(0):
            pass
        return int(self.process.returncode)

    def is_given_back(self) -> bool:
        """Whether keys are echoed again, and cursor, wrapping and the usual screen are back."""
        order = [self.shown.rfind(f"\x1b[?{mode}") for mode in ("1049h", "1049l")]
        cursor = [self.shown.rfind(f"\x1b[?25{way}") for way in "lh"]
        wrapping = [self.shown.rfind(f"\x1b[?7{way}") for way in "lh"]
        restored = all(before < after for before, after in (order, cursor, wrapping))
        return restored and termios.tcgetattr(self.slave) == self.before

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@contextmanager
def terminal(
    *options: str, columns: int = 100, lines: int = 24, env: dict[str, str] | None = None
) -> Generator[Terminal]:
    made = Terminal(columns, lines, *options, env=env or {})
    try:
        yield made
    finally:
        made.close()


def test_on_a_terminal_it_shows_what_is_open_and_what_changes() -> None:
    with listening() as made:
        port = port_of(made)
        with terminal("--interval", "0.05", "--port", str(port)) as screen:
            screen.wait_for("\x1b[?1049h")
            screen.wait_for(f"127.0.0.1:{port}")
            assert "q ends" in screen.shown
            made.close()
            screen.wait_for("closed")
            screen.press(b"q")
            assert screen.end() == 0
            assert screen.is_given_back()


@pytest.mark.parametrize("how", ["q", "ctrl-c", "term"])
def test_the_terminal_is_given_back(how: str) -> None:
    with terminal("--interval", "3600") as screen:
        screen.wait_for("homeport watch:")
        if how == "term":
            screen.process.terminate()
        else:
            screen.press(b"q" if how == "q" else b"\x03")
        assert screen.end() == 0
        assert screen.is_given_back()
        assert "Traceback" not in screen.shown


def test_the_terminal_is_given_back_after_an_error(tmp_path: Path) -> None:
    (tmp_path / "homeport").write_text("in the way", encoding="ascii")
    with terminal("--record", env={"XDG_STATE_HOME": str(tmp_path)}) as screen:
        assert screen.end() == 1
        assert "homeport:" in screen.shown
        assert termios.tcgetattr(screen.slave) == screen.before


def test_a_terminal_of_forty_columns_shows_the_port() -> None:
    with listening() as made:
        port = port_of(made)
        with terminal("--port", str(port), columns=40, lines=10) as screen:
            screen.wait_for(f"127.0.0.1:{port}")
            screen.press(b"q")
            assert screen.end() == 0
            for line in re.split(r"\x1b\[\d+;1H", screen.shown):
                text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line)
                assert len(text.rstrip("\r\n")) <= 40


def test_it_follows_the_size_of_the_terminal() -> None:
    with listening() as made:
        port = port_of(made)
        with terminal("--interval", "3600", "--port", str(port), columns=40) as screen:
            screen.wait_for("homeport watch: 1 open")
            assert "REACH" not in screen.shown
            screen.resize(120, 30)
            screen.wait_for("REACH")
            screen.press(b"q")
            assert screen.end() == 0


def test_no_color_means_none() -> None:
    with terminal("--interval", "3600", env={"NO_COLOR": "1"}) as screen:
        screen.wait_for("homeport watch:")
        screen.press(b"q")
        assert screen.end() == 0
        assert not re.search(r"\x1b\[[0-9;]*m", screen.shown)
    with terminal("--interval", "3600") as screen:
        screen.wait_for("\x1b[1mhomeport watch:")
        screen.press(b"q")
        assert screen.end() == 0


def test_ctrl_z_gives_the_terminal_back_and_continues_later() -> None:
    with terminal("--interval", "3600") as screen:
        screen.wait_for("homeport watch:")
        screen.press(b"\x1a")
        screen.wait_for("\x1b[?1049l")
        wait_until(lambda: _state(screen.process.pid) == "T", what="the stop")
        screen.process.send_signal(signal.SIGCONT)
        screen.wait_for("\x1b[?1049h")
        screen.press(b"q")
        assert screen.end() == 0
        assert screen.is_given_back()


def _state(pid: int) -> str:
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0]


def test_a_terminal_without_abilities_gets_lines() -> None:
    with listening() as made:
        port = port_of(made)
        with terminal("--port", str(port), "--count", "1", env={"TERM": "dumb"}) as screen:
            screen.wait_for("watching ")
            made.close()
            assert screen.end() == 0
            assert "closed" in screen.shown
            assert "\x1b" not in screen.shown


def test_help_names_every_limit() -> None:
    text = run_homeport("watch", "--help").stdout
    for word in ("at most 4 at once", "30 seconds", "90 days", "64 MiB", "HOMEPORT_PORT"):
        assert word in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_module_is_cheap_for_ls() -> None:
    code = (
        "import sys, argparse; from homeport.cli.main import build_parser; build_parser('watch')\n"
        "heavy = {'sqlite3', 'json', 'subprocess', 'termios', 'ctypes', 'datetime', 'select'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    assert printed_by(code) == "[]\n"

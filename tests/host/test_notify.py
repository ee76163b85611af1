"""Programs that are run for events: bounded in number and in time, and always reaped."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from homeport.host.clock import MILLISECOND_NS, SECOND_NS, Clock
from homeport.host.notify import (
    MAX_WAITING,
    Job,
    Runner,
    command_of,
    notification,
    require_desktop,
)
from homeport.model.errors import BadInput, NotSupported
from tests.support import has_ended, wait_until

if TYPE_CHECKING:
    from pathlib import Path


def python(code: str, **environment: str) -> Job:
    return Job((sys.executable, "-c", code), environment)


def test_a_job_gets_its_environment_and_ours(tmp_path: Path) -> None:
    place = tmp_path / "out"
    runner = Runner(Clock())
    code = "import os; open(os.environ['PLACE'], 'w').write(os.environ['HOMEPORT_PORT'])"
    runner.add(python(code, PLACE=str(place), HOMEPORT_PORT="80"))
    runner.close()
    assert place.read_text(encoding="ascii") == "80"
    assert runner.notices == []
    assert not runner.busy


def test_no_more_than_so_many_run_at_once(tmp_path: Path) -> None:
    # Each one counts who else is there, and waits for a word to go on.
    code = (
        "import os, sys, time\n"
        "place = os.environ['PLACE']\n"
        "open(f'{place}/{os.getpid()}', 'w').close()\n"
        "while not os.path.exists(f'{place}/go'): time.sleep(0.005)\n"
    )
    runner = Runner(Clock(), at_once=2)
    for _ in range(5):
        runner.add(python(code, PLACE=str(tmp_path)))
    wait_until(lambda: len(list(tmp_path.iterdir())) == 2, what="two that run")
    runner.tick()
    assert len(list(tmp_path.iterdir())) == 2
    (tmp_path / "go").touch()
    runner.close()
    assert len(list(tmp_path.iterdir())) == 6


@pytest.mark.slow
def test_what_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open(os.environ['PLACE'], 'w').write(str(child.pid))\n"
        "time.sleep(600)\n"
    )
    place = tmp_path / "child"
    runner = Runner(Clock(), limit_ns=1500 * MILLISECOND_NS)
    runner.add(python(code, PLACE=str(place)))
    runner.close()
    assert runner.notices == [f"{sys.executable}: ended after its 1.5 seconds"]
    child = int(place.read_text(encoding="ascii"))
    wait_until(lambda: has_ended(child), what="the end of the child")


def test_children_are_reaped() -> None:
    runner = Runner(Clock())
    runner.add(python("pass"))
    pid = runner._running[0].process.pid
    wait_until(lambda: has_ended(pid), what="its end")
    runner.tick()
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def test_failures_are_said() -> None:
    runner = Runner(Clock())
    runner.add(python("raise SystemExit(3)"))
    runner.add(python("import os; os.kill(os.getpid(), 11)"))
    runner.add(Job(("/nowhere/at/all",), {}))
    runner.close()
    assert sorted(runner.notices) == sorted(
        [
            f"{sys.executable}: ended with exit status 3",
            f"{sys.executable}: ended by SIGSEGV",
            "/nowhere/at/all: could not be started: No such file or directory",
        ]
    )


def test_a_flood_is_dropped_and_said() -> None:
    runner = Runner(Clock(), at_once=0)
    for _ in range(MAX_WAITING + 2):
        runner.add(python("pass"))
    assert len(runner.notices) == 2
    assert "not run" in runner.notices[0]


def test_output_goes_where_it_should(tmp_path: Path) -> None:
    place = tmp_path / "out"
    with place.open("wb") as output:
        runner = Runner(Clock(), output=output)
        runner.add(python("import sys; print('told'); print('complained', file=sys.stderr)"))
        runner.close()
    assert sorted(place.read_text(encoding="ascii").split()) == ["complained", "told"]


def test_close_waits_no_longer_than_the_limit() -> None:
    clock = Clock()
    runner = Runner(clock, limit_ns=SECOND_NS // 2)
    runner.add(python("import time; time.sleep(600)"))
    before = clock.monotonic_ns()
    runner.close()
    assert clock.monotonic_ns() - before < 20 * SECOND_NS


def test_a_command_is_split_without_a_shell() -> None:
    assert command_of("sh -c 'echo $HOMEPORT_PORT; x'") == ("sh", "-c", "echo $HOMEPORT_PORT; x")


@pytest.mark.parametrize("text", ["", "   ", "echo 'open", "no-such-program-here x"])
def test_a_command_that_cannot_be_run_is_said_at_once(text: str) -> None:
    with pytest.raises(BadInput):
        command_of(text)


def test_a_notification_is_escaped_and_ends_its_options() -> None:
    argv = notification("-t <1>", "a <b>&c</b>", platform="linux")
    assert argv == (
        "notify-send",
        "--app-name=homeport",
        "--",
        "-t <1>",
        "a &lt;b&gt;&amp;c&lt;/b&gt;",
    )


def test_a_notification_on_macos_is_passed_as_arguments() -> None:
    argv = notification("title", 'a "quoted" text', platform="darwin")
    assert argv[0] == "osascript"
    assert argv[-2:] == ("title", 'a "quoted" text')


def test_a_missing_program_or_desktop_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotSupported) as caught:
        require_desktop(environment={})
    assert "notify-send" in (caught.value.why or "")
    program = tmp_path / "notify-send"
    program.write_text("#!/bin/sh\n", encoding="ascii")
    program.chmod(0o755)
    with pytest.raises(NotSupported) as caught:
        require_desktop(environment={})
    assert "no desktop session" in (caught.value.why or "")
    require_desktop(environment={"DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"})
    (tmp_path / "bus").touch()
    require_desktop(environment={"XDG_RUNTIME_DIR": str(tmp_path)})

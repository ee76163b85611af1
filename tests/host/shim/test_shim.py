from __future__ import annotations

import errno
import os
import select
import signal
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from homeport.host.shim import Capabilities, spawn
from homeport.model.running import (
    Exited,
    Gone,
    NotStarted,
    Program,
    Stage,
    Started,
)
from homeport.model.service import Limits
from tests.host.shim.watching import KINDS, Watched, outcome, pid_printed, program, python
from tests.support import ROOT, has_ended, wait_until

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.filterwarnings(
    # The workers of pytest-xdist have threads, which the supervisor has not.
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)


def test_a_program_runs_in_a_terminal_of_its_own_and_its_end_is_told() -> None:
    reports, printed = outcome(program("sh", "-c", "tty; stty size; exit 3", rows=40, columns=132))
    started, exited, gone = reports
    assert isinstance(started, Started)
    assert (exited, gone) == (Exited(3), Gone())
    assert printed.startswith(b"/dev/pts/")
    assert b"40 132" in printed


@pytest.mark.parametrize(
    ("argv", "directory", "expected"),
    [
        (("no-such-program",), "/", NotStarted(Stage.PROGRAM, errno.ENOENT)),
        (("/etc/passwd",), "/", NotStarted(Stage.PROGRAM, errno.EACCES)),
        (("true",), "/no/such/place", NotStarted(Stage.DIRECTORY, errno.ENOENT)),
        (("true",), "/etc/passwd", NotStarted(Stage.DIRECTORY, errno.ENOTDIR)),
        ((), "/", NotStarted(Stage.PROGRAM, errno.ENOENT)),
        (("tr\0ue",), "/", NotStarted(Stage.PROGRAM, errno.EINVAL)),
    ],
)
def test_why_it_could_not_start_is_told(
    argv: tuple[str, ...], directory: str, expected: NotStarted
) -> None:
    assert outcome(program(*argv, directory=directory))[0] == [expected, Gone()]


def test_a_script_without_its_interpreter_is_told_apart(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    reports, _ = outcome(program(str(script)))
    assert reports[0] == NotStarted(Stage.INTERPRETER, errno.ENOENT)


def test_a_stop_is_a_signal_to_the_whole_group() -> None:
    asked = program("sh", "-c", "sleep 1000 & echo here; wait")
    with spawn(asked) as spawned:
        watched = Watched(spawned)
        watched.until_printed(b"here")
        spawned.stop("INT", 10_000)
        _, exited, gone = watched.until_over()
    assert (exited, gone) == (Exited(None, signal.SIGINT), Gone())


def test_who_does_not_listen_is_killed_after_the_time() -> None:
    code = "import signal, sys; signal.signal(15, signal.SIG_IGN); print('here'); signal.pause()"
    with spawn(program(*python(code))) as spawned:
        watched = Watched(spawned)
        watched.until_printed(b"here")
        spawned.stop("TERM", 50)
        _, exited, gone = watched.until_over()
    assert (exited, gone) == (Exited(None, signal.SIGKILL), Gone())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("means", [Capabilities(True, True), Capabilities(True, False)])
def test_nothing_is_left_after_a_stop(kind: str, means: Capabilities) -> None:
    with spawn(program(*python(KINDS[kind])), allowed=means) as spawned:
        watched = Watched(spawned)
        pid = pid_printed(watched)
        assert pid in spawned.members()
        spawned.stop("TERM", 100)
        reports = watched.until_over()
        assert reports[-1] == Gone()
        assert has_ended(pid)


PHOENIX = """
import os, signal
signal.signal(15, signal.SIG_IGN)
signal.signal(1, signal.SIG_IGN)
def rise():
    os.setsid()
    while True:
        child = os.fork()
        if not child:
            os.setsid()
            signal.pause()
            os._exit(0)
        os.waitpid(child, 0)
for _ in range(20):
    if not os.fork():
        rise()
print("up", flush=True)
signal.pause()
"""


@pytest.mark.parametrize("means", [Capabilities(True, True), Capabilities(True, False)])
def test_those_that_start_one_another_again_are_ended(means: Capabilities) -> None:
    with spawn(program(*python(PHOENIX)), allowed=means) as spawned:
        watched = Watched(spawned)
        watched.until_printed(b"up")
        watched.until(lambda: len(spawned.members()) >= 41)
        spawned.stop("TERM", 20)
        assert watched.until_over()[-1] == Gone()
        assert not spawned.members()


def test_without_adoption_what_was_seen_is_ended_and_that_is_not_called_certain() -> None:
    means = Capabilities(adopts=False, cgroups=False)
    with spawn(program(*python(KINDS["own session"])), allowed=means) as spawned:
        watched = Watched(spawned)
        pid = pid_printed(watched)
        spawned.stop("TERM", 100)
        assert watched.until_over()[-1] == Gone(certain=False)
        assert has_ended(pid)


def test_what_a_program_leaves_behind_is_ended() -> None:
    code = KINDS["daemon"].replace("\nsignal.pause()", "")
    with spawn(program(*python(code))) as spawned:
        watched = Watched(spawned)
        _, exited, gone = watched.until_over()
        watched.until(lambda: b"\n" in watched.printed or spawned.read_terminal() is None)
        assert (exited, gone) == (Exited(0), Gone())
        if watched.printed:
            assert has_ended(pid_printed(watched))


def test_closing_ends_it_at_once() -> None:
    with spawn(program(*python(KINDS["ignores"]))) as spawned:
        pid = pid_printed(Watched(spawned))
    assert has_ended(pid)
    assert has_ended(spawned.pid)


def test_a_descriptor_is_kept_by_the_shim_alone_and_until_the_end(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    try:
        code = "import os; print(sorted(os.listdir('/proc/self/fd')), flush=True); input()"
        with spawn(program(*python(code)), keep=[writing]) as spawned:
            os.close(writing)
            watched = Watched(spawned)
            watched.until_printed(b"]")
            assert b"['0', '1', '2', '3']" in watched.printed  # 3 is the listing itself
            assert not select.select([reading], [], [], 0)[0]
            spawned.write_terminal(b"\n")
            watched.until_over()
        assert os.read(reading, 1) == b""
    finally:
        os.close(reading)


def test_a_listener_is_passed_as_descriptor_three() -> None:
    code = (
        "import os, socket; mine = socket.socket(fileno=3)\n"
        "assert os.environ['LISTEN_PID'] == str(os.getpid())\n"
        "print(os.environ['LISTEN_FDS'], mine.getsockname()[1], flush=True)"
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        _, printed = outcome(program(*python(code)), pass_listener=listener)
    assert printed == f"1 {port}\r\n".encode()


def test_it_starts_with_fresh_signals() -> None:
    _, printed = outcome(program("cat", "/proc/self/status"))
    fields = dict(line.split(":\t") for line in printed.decode().split("\r\n") if ":\t" in line)
    assert int(fields["SigBlk"], 16) == int(fields["SigIgn"], 16) == 0


def test_typing_reaches_it_and_a_new_size_is_told() -> None:
    code = (
        "import os, signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])\n"
        "print('got', input(), flush=True)\n"
        "signal.sigwait([signal.SIGWINCH])\n"
        "print(os.get_terminal_size(), flush=True)"
    )
    with spawn(program(*python(code))) as spawned:
        watched = Watched(spawned)
        spawned.write_terminal(b"words\n")
        watched.until_printed(b"got words")
        spawned.resize(50, 99)
        watched.until_printed(b"columns=99, lines=50")


def test_a_shell_can_ask_its_own_terminal() -> None:
    _, printed = outcome(program("sh", "-c", "echo to the terminal > /dev/tty"))
    assert b"to the terminal" in printed


def test_a_limit_holds() -> None:
    _, printed = outcome(program("sh", "-c", "ulimit -n", limits=Limits(open_files=77)))
    assert printed == b"77\r\n"


def test_a_limit_that_cannot_be_had_is_told() -> None:
    limits = Limits(cpus=0.5, processes=10, memory_bytes=1 << 30)
    means = Capabilities(adopts=True, cgroups=False)
    reports, _ = outcome(program("true", limits=limits), allowed=means)
    assert isinstance(reports[0], Started)
    assert {each.limit for each in reports[0].unmet} == {"cpus", "processes", "memory_bytes"}


def test_the_users_service_manager_is_named_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "systemd").mkdir()
    (tmp_path / "systemd" / "private").touch()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    means = Capabilities(adopts=True, cgroups=False)
    reports, _ = outcome(program("true", limits=Limits(processes=10)), allowed=means)
    assert isinstance(reports[0], Started)
    assert "systemd-run --user --scope homeport up" in reports[0].unmet[0].why


def test_a_cgroup_that_cannot_be_joined_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    # Only a service manager that delegates by halves has such a one. The shim is a fork of ours.
    def refuse(_path: str) -> None:
        raise OSError(errno.EPERM, "refused")

    monkeypatch.setattr("homeport.host.shim.program.join", refuse)
    reports, _ = outcome(program("true", limits=Limits(cpus=1)))
    started, exited, gone = reports
    assert isinstance(started, Started)
    assert started.cgroup is None
    assert [each.limit for each in started.unmet] == ["cpus"]
    assert (exited, gone) == (Exited(0), Gone())


def test_a_shim_that_is_asked_to_end_ends_its_program_first() -> None:
    with spawn(program(*python(KINDS["daemon"]), orphan_ms=50)) as spawned:
        watched = Watched(spawned)
        pid = pid_printed(watched)
        os.kill(spawned.pid, signal.SIGTERM)
        assert watched.until_over()[-1] == Gone()
        assert has_ended(pid)


def test_another_user_runs_it() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: to run a program as another user")
    reports, printed = outcome(program("sh", "-c", "id -un; echo x > /dev/tty", user="nobody"))
    assert reports[1] == Exited(0), printed
    assert printed.startswith(b"nobody")


def test_the_shims_of_others_do_not_hold_a_channel_open() -> None:
    with spawn(program(*python(KINDS["plain"]))) as first:
        Watched(first).until_printed(b"pid")
        with spawn(program(*python(KINDS["plain"]))) as second:
            Watched(second).until_printed(b"pid")
            fds = os.listdir(f"/proc/{second.pid}/fd")
            links = [os.readlink(f"/proc/{second.pid}/fd/{each}") for each in fds]
            own = f"socket:[{os.fstat(first.channel_fd).st_ino}]"
            assert own not in links


def test_an_end_by_a_signal_tells_which() -> None:
    reports, _ = outcome(program("sh", "-c", "kill -SEGV $$"))
    exited = reports[1]
    assert isinstance(exited, Exited)
    assert exited.signal == signal.SIGSEGV


def test_a_stopped_program_hears_the_stop() -> None:
    with spawn(program(*python(KINDS["plain"]))) as spawned:
        watched = Watched(spawned)
        pid = pid_printed(watched)
        os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: _state(pid) == "T")
        spawned.stop("TERM", 10_000)
        assert watched.until_over()[1] == Exited(None, signal.SIGTERM)


def _state(pid: int) -> str:
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0]


IN_OUR_TERMINAL = """
import signal, sys
sys.path.insert(0, {root!r})
signal.signal(signal.SIGINT, lambda *_: None)
from homeport.host.shim import become_subreaper, spawn
from homeport.model.running import Program, Stdio
from tests.host.shim.watching import Watched, program, python
become_subreaper()
asked = program(*python({inner!r}), stdio=Stdio.INHERITED)
print("supervisor", __import__("os").getpid(), flush=True)
with spawn(asked) as spawned:
    print(Watched(spawned).until_over()[1:], flush=True)
"""


def in_our_terminal(inner: str) -> Program:
    """A supervisor in a terminal, whose program has that very terminal."""
    return program(sys.executable, "-c", IN_OUR_TERMINAL.format(root=str(ROOT), inner=inner))


def test_a_program_may_have_the_terminal_of_its_supervisor_and_its_keys() -> None:
    inner = "import os, signal; print('inner', os.getpgrp(), os.tcgetpgrp(0)); signal.pause()"
    with spawn(in_our_terminal(inner)) as spawned:
        watched = Watched(spawned)
        watched.until_printed(b"inner")
        watched.until_printed(b"\n")
        line = next(each for each in watched.printed.split(b"\r\n") if each.startswith(b"inner"))
        _, group, foreground = line.split()
        assert group == foreground
        spawned.write_terminal(b"\x03")
        watched.until_printed(b"[Exited(code=None, signal=2, core=False, over_memory=False), Gone(")


def test_nothing_is_left_in_the_terminal_of_a_supervisor_that_is_killed() -> None:
    inner = "import os, signal; print('inner', os.getpid(), flush=True); signal.pause()"
    with spawn(in_our_terminal(inner)) as spawned:
        watched = Watched(spawned)
        watched.until_printed(b"inner")
        watched.until(lambda: watched.printed.endswith(b"\n"))
        words = watched.printed.split()
        supervisor, pid = int(words[1]), int(words[3])
        os.kill(supervisor, signal.SIGKILL)
        watched.until_over()
        assert has_ended(pid)

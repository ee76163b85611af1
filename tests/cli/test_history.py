"""`homeport watch --record` and `homeport history`, together, as whole processes."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from homeport.host.journal.reader import Entry, Wanted, read_entries
from homeport.host.netns import in_namespace
from homeport.model.snapshot import Namespace as NetworkNamespace
from tests.schemas import validate
from tests.support import (
    NOBODY,
    Namespace,
    homeport_command,
    network_namespace,
    run_homeport,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

SCHEMA = json.loads(
    files("homeport.report").joinpath("schemas", "history-1.json").read_text("utf-8")
)
S = 1_000_000_000


@pytest.fixture
def state(tmp_path: Path) -> dict[str, str]:
    """The environment in which a history of its own is kept."""
    return {"XDG_STATE_HOME": str(tmp_path)}


class Place:
    """Where recorders run and sockets are opened: as root, a network namespace without others."""

    def __init__(self, namespace: Namespace | None) -> None:
        self._namespace = namespace

    def command(self, argv: list[str]) -> list[str]:
        return argv if self._namespace is None else self._namespace.command(*argv)

    def listening(self) -> socket.socket:
        if self._namespace is None:
            return listening()
        inode = os.stat(f"/run/netns/{self._namespace.name}").st_ino
        return in_namespace(NetworkNamespace(inode, self._namespace.name), listening)


@pytest.fixture
def quiet_place() -> Generator[Place]:
    """What is promised by the second must not hang on what else this machine is doing."""
    if os.geteuid() != 0:
        yield Place(None)
        return
    with network_namespace() as namespace:
        yield Place(namespace)


@contextmanager
def recording(
    state: dict[str, str], *options: str, place: Place | None = None
) -> Generator[subprocess.Popen[str]]:
    argv, more = homeport_command()
    argv += ["watch", "--record", "--quiet", *(options or ("--interval", "0.02"))]
    process = subprocess.Popen(
        argv if place is None else place.command(argv),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **more, **state},
    )
    assert process.stderr is not None
    try:
        first = process.stderr.readline()
        assert first.startswith("watching "), first + process.stderr.read()
        yield process
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def stop(process: subprocess.Popen[str]) -> str:
    """Ends a recorder as `systemctl stop` does; what it had to say."""
    process.terminate()
    assert process.wait(timeout=20) == 0
    assert process.stderr is not None
    return process.stderr.read()


def listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def port_of(made: socket.socket) -> int:
    return int(made.getsockname()[1])


def cookie_of(made: socket.socket) -> int:
    so_cookie = 57  # asm-generic/socket.h
    return int.from_bytes(made.getsockopt(socket.SOL_SOCKET, so_cookie, 8), sys.byteorder)


def told(state: dict[str, str], *words: str) -> list[dict[str, Any]]:
    done = run_homeport("history", *words, "--json", "--limit", "100000", env=state)
    assert done.stderr == ""
    loaded = json.loads(done.stdout)
    validate(loaded, SCHEMA)
    tenancies: list[dict[str, Any]] = loaded["tenancies"]
    return tenancies


def told_of(state: dict[str, str], port: int, count: int = 1) -> list[dict[str, Any]]:
    """The tenancies of a port, once so many were opened and closed."""

    def closed() -> int:
        return sum(entry.closed_ns is not None for entry in rows(state, port))

    wait_until(lambda: closed() >= count, seconds=20, what=f"the history of {port}")
    return told(state, str(port))


def path_of(state: dict[str, str]) -> str:
    return os.path.join(state["XDG_STATE_HOME"], "homeport", "history.db")


def rows(state: dict[str, str], *ports: int) -> list[Entry]:
    """What lies in the file; a reader of its own process takes a hundred times as long."""
    return list(read_entries(path_of(state), Wanted(ports=ports)))


def test_a_listener_is_remembered_with_its_owner(state: dict[str, str]) -> None:
    before = listening()
    with recording(state) as recorder:
        with listening() as made:
            port = port_of(made)
            wait_until(lambda: rows(state, port), what="the opening")
            assert told(state, str(port))[0]["open"]
        (tenancy,) = told_of(state, port)
        assert tenancy["closed_known"]
        assert tenancy["opened"] <= tenancy["closed"]
        assert (tenancy["pid"], tenancy["cwd"]) == (os.getpid(), os.getcwd())
        old_port = port_of(before)
        assert told(state, str(old_port))[0]["opened"] is None
        assert stop(recorder) == ""
    # The recorder is gone, the socket is not: the kernel still tells.
    assert told(state, str(old_port))[0]["open"]
    before.close()
    gone = told(state, str(old_port))[0]
    if not gone["open"]:  # within some seconds its last sign still counts
        assert not gone["closed_known"]


@pytest.mark.slow
def test_text_answers_who_had_a_port_and_when(state: dict[str, str]) -> None:
    with recording(state) as recorder:
        with listening() as made:
            port = port_of(made)
            wait_until(lambda: rows(state, port), what="the opening")
        told_of(state, port)
        stop(recorder)
    done = run_homeport("history", str(port), env=state)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{port} was last up until ")
    assert f"127.0.0.1:{port}" in done.stdout
    assert str(os.getpid()) in done.stdout
    everything = run_homeport("history", "--since", "1h", "--limit", "100000", env=state)
    assert f"127.0.0.1:{port}" in everything.stdout
    nobody = run_homeport("history", str(port), "--at", "2020-01-01 14:02", env=state)
    assert nobody.returncode == 1
    assert "nothing was recorded then" in nobody.stdout
    never = run_homeport("history", "no-such-program-anywhere", env=state)
    assert never.returncode == 1
    assert never.stdout == "Nobody had no-such-program-anywhere.\n"


def test_a_listener_of_five_milliseconds_is_remembered(state: dict[str, str]) -> None:
    with recording(state, "--interval", "3600") as recorder:
        with listening() as made:
            port = port_of(made)
        (tenancy,) = told_of(state, port)
        assert tenancy["opened"] is None
        assert tenancy["closed"] == tenancy["first_seen"]
        stop(recorder)
    assert "at once" in run_homeport("history", str(port), env=state).stdout


@pytest.mark.slow
def test_two_recorders_at_once_write_everything_once(state: dict[str, str]) -> None:
    with recording(state) as one, recording(state) as other:
        cookies: list[int] = []

        def ours() -> list[Entry]:
            # Other tests use the same ports at other times: a cookie is of one socket alone.
            return [each for each in rows(state) if each.number in cookies]

        for _ in range(30):
            with listening() as made:
                cookies.append(cookie_of(made))
                if len(cookies) % 2:
                    wait_until(
                        lambda: cookies[-1] in {each.number for each in ours()},
                        what="the opening",
                    )
        wait_until(
            lambda: sum(each.closed_ns is not None for each in ours()) >= len(cookies),
            what="all closes",
        )
        assert stop(one) == ""
        assert stop(other) == ""
    assert sorted(each.number for each in ours()) == sorted(cookies)
    assert all(each.closed_known for each in ours())


class Victim(NamedTuple):
    """A recorder, the moment at which it will be killed, and where it writes."""

    process: subprocess.Popen[str]
    at: float
    state: dict[str, str]


def _killed_at_random(tmp_path: Path, place: Place, rounds: int, seed: int) -> None:
    """Four recorders a round, each with a history of its own that outlives the rounds."""
    rng = random.Random(seed)
    states = [{"XDG_STATE_HOME": str(tmp_path / name)} for name in "abcd"]
    for state in states:
        os.mkdir(state["XDG_STATE_HOME"])
    opened: list[tuple[int, float]] = []
    for _ in range(rounds):
        with ExitStack() as stack:
            processes = [
                stack.enter_context(recording(state, "--interval", "0.25", place=place))
                for state in states
            ]
            start = time.monotonic()
            victims = [
                Victim(process, start + rng.uniform(0, 2.2), state)
                for process, state in zip(processes, states, strict=True)
            ]
            _kill_one_by_one(victims, opened, place, rng)
    for state in states:
        with recording(state, place=place) as recorder:
            stop(recorder)
        assert not [row for row in rows(state) if not row.closed_ns and row.pid == os.getpid()]


def _kill_one_by_one(
    victims: list[Victim], opened: list[tuple[int, float]], place: Place, rng: random.Random
) -> None:
    start = time.monotonic()
    while victims:
        made = place.listening()
        opened.append((port_of(made), time.monotonic()))
        # A pause, so that some live long enough to be seen open and others do not.
        select.select([], [], [], rng.uniform(0, 0.05))
        made.close()
        for victim in [each for each in victims if each.at < time.monotonic()]:
            victims.remove(victim)
            victim.process.kill()
            victim.process.wait()
            _check(victim.state, _long_enough_ago(opened, start))


def _long_enough_ago(opened: list[tuple[int, float]], start: float) -> set[int]:
    """What has to be written: half a second more than promised, for a machine under load."""
    now = time.monotonic()
    return {port for port, at in opened if at >= start and now - at > 1.5}


def _check(state: dict[str, str], expected: set[int]) -> None:
    database = sqlite3.connect(path_of(state))
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    twice = "SELECT 1 FROM tenancy GROUP BY boot, netns, socket, port HAVING count(*) > 1"
    assert database.execute(twice).fetchall() == []
    kept = {row[0] for row in database.execute("SELECT port FROM tenancy")}
    database.close()
    assert expected <= kept
    assert not [name for name in os.listdir(os.path.dirname(path_of(state))) if "damaged" in name]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_recorder_that_is_killed_twenty_times(tmp_path: Path, quiet_place: Place) -> None:
    _killed_at_random(tmp_path, quiet_place, rounds=5, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_recorder_that_is_killed_a_hundred_times(tmp_path: Path, quiet_place: Place) -> None:
    _killed_at_random(tmp_path, quiet_place, rounds=25, seed=2)


def test_what_was_open_at_a_kill_is_last_seen(state: dict[str, str]) -> None:
    made = listening()
    port = port_of(made)
    with recording(state) as recorder:
        wait_until(lambda: rows(state, port), what="the row")
        recorder.send_signal(signal.SIGKILL)
        recorder.wait()
    made.close()
    with recording(state) as recorder:
        stop(recorder)
    (tenancy,) = told(state, str(port))
    assert not tenancy["open"]
    assert not tenancy["closed_known"]
    assert "after " in run_homeport("history", str(port), env=state).stdout


@pytest.mark.slow
@pytest.mark.root
def test_a_full_disk_is_said_and_recording_goes_on_when_there_is_room(tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", str(place)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"this machine allows no mount: {mounted.stderr.strip()}")
    try:
        _fill_while_recording(place)
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def _fill_while_recording(place: Path) -> None:
    state = {"XDG_STATE_HOME": str(place)}
    ports: set[int] = set()
    with recording(state) as recorder:
        assert recorder.stderr is not None
        filler = place / "filler"
        with filler.open("wb", buffering=0) as file:
            while _written(file.fileno()):
                pass
        said = ""
        deadline = time.monotonic() + 60
        # The log has some room of its own left; each pair takes a little of it.
        while "recording waits" not in said:
            assert time.monotonic() < deadline
            with listening() as made:
                ports.add(port_of(made))
            said += _available(recorder.stderr.fileno())
        assert "full" in said
        assert recorder.poll() is None
        filler.unlink()
        while "recording goes on" not in said:
            assert time.monotonic() < deadline
            said += _available(recorder.stderr.fileno())
        assert "without" not in said
        recorder.terminate()
        assert recorder.wait(timeout=20) == 0
    assert ports <= {each["port"] for each in told(state)}


def _available(descriptor: int) -> str:
    readable = select.select([descriptor], [], [], 0.02)[0]
    return os.read(descriptor, 4096).decode() if readable else ""


def _written(descriptor: int) -> int:
    try:
        return os.write(descriptor, b"x" * 4096)
    except OSError:
        return 0


def test_nothing_recorded_says_how_to_begin(state: dict[str, str]) -> None:
    done = run_homeport("history", env=state)
    assert done.returncode == 1
    assert "homeport watch --record" in done.stdout
    assert os.listdir(state["XDG_STATE_HOME"]) == []
    loaded = json.loads(run_homeport("history", "--json", env=state).stdout)
    validate(loaded, SCHEMA)
    assert loaded["tenancies"] == []
    assert "systemctl --user enable" in run_homeport("history", "--help").stdout


@pytest.mark.root
def test_a_history_that_may_not_be_read_is_not_called_empty(tmp_path: Path) -> None:
    (tmp_path / "homeport").mkdir(mode=0o700)
    tmp_path.chmod(0o700)
    done = run_homeport("history", env={"XDG_STATE_HOME": str(tmp_path)}, user=NOBODY)
    assert done.returncode == 1
    assert "cannot be read" in done.stderr
    assert "Permission denied" in done.stderr
    assert "Nothing was recorded" not in done.stdout


def test_forgetting_is_shown_first_and_done_with_yes(state: dict[str, str]) -> None:
    with recording(state) as recorder:
        with listening() as one, listening() as other:
            ports = [port_of(one), port_of(other)]
        for port in ports:
            told_of(state, port)
        stop(recorder)
    shown = run_homeport("history", str(ports[0]), "--forget", env=state)
    assert "1 would be forgotten; nothing was: add --yes." in shown.stdout
    assert told(state, str(ports[0]))
    done = run_homeport("history", str(ports[0]), "--forget", "--yes", env=state)
    assert done.stdout == "1 forgotten.\n"
    assert told(state, str(ports[0])) == []
    assert told(state, str(ports[1]))
    run_homeport("history", "--forget", "--yes", env=state)
    assert told(state) == []


@pytest.mark.slow
def test_a_limit_leaves_out_the_oldest_and_says_so(state: dict[str, str]) -> None:
    with recording(state) as recorder:
        for _ in range(3):
            with listening() as made:
                last = port_of(made)
            told_of(state, last)
        stop(recorder)
    done = run_homeport("history", "--limit", "1", env=state)
    assert "There is more: --limit shows over 1" in done.stdout
    loaded = json.loads(run_homeport("history", "--limit", "1", "--json", env=state).stdout)
    assert loaded["truncated"]
    assert len(loaded["tenancies"]) == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["70000"], "port 70000 does not exist"),
        (["1.2.3.4.5"], "is not an IPv4 address"),
        (["80", "--at", "noonish"], "is no time"),
        (["--since", "2026-13-40"], "is no time"),
        (["--since", "1h", "--until", "2h"], "it would end before it begins"),
        (["--limit", "0"], "no number of rows"),
        (["--yes"], "--yes is for --forget"),
        (["--forget", "--json"], "--forget has no --json"),
    ],
)
def test_wrong_usage_is_said(words: list[str], complaint: str, state: dict[str, str]) -> None:
    done = run_homeport("history", *words, env=state)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_history_is_a_clear_line(state: dict[str, str]) -> None:
    directory = os.path.join(state["XDG_STATE_HOME"], "homeport")
    os.mkdir(directory, mode=0o700)
    with open(os.path.join(directory, "history.db"), "wb") as file:
        file.write(b"no database at all " * 1000)
    done = run_homeport("history", env=state)
    assert done.returncode == 1
    assert "is damaged" in done.stderr
    assert "Traceback" not in done.stderr
    with recording(state) as recorder:
        said = stop(recorder)
    assert "a new one is begun" in said
    assert run_homeport("history", env=state).stderr == ""

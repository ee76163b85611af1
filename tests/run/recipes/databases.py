"""What the tests of database recipes share: a place, and a server that is run as Homeport does.

The lease is stood in for by its own kind of socket: bound with SO_REUSEADDR, not listening, open
all the while.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil
import pytest

import homeport
from homeport.model.errors import NotFound
from homeport.model.service import CheckKind, Hold, Launch, Place, Service
from homeport.run.recipes.contract import Recipe
from tests.support import (
    NOBODY,
    Spawned,
    as_user,
    has_ended,
    leased_port,
    need,
    spawn,
    unpacked,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from homeport import Identity
    from homeport.model.process import Process
    from homeport.model.service import Step

READY_S = 90

ODD = "its 'own' \"data\""
"""The name of the data directory: one that every program has to be told with care."""


class Kind(NamedTuple):
    """A kind of database, and the server that the tests hold its recipe to.

    `package` is the Debian package that has it, None where ./test unpacks it.
    """

    recipe: Recipe
    server: str
    package: str | None = None

    def find(self, patch: pytest.MonkeyPatch) -> None:
        """Has its programs found before others; skips the test where there are none."""
        if self.package is not None:
            need(self.server, package=self.package)
        else:
            find_first(patch, self.server)

    @contextmanager
    def up(self, directory: Path) -> Generator[Running]:
        """The database is up for the length of the block, during which others find their own."""
        with ExitStack() as stack:
            with pytest.MonkeyPatch.context() as patch:
                self.find(patch)
                place = make_place(directory, self.recipe.name)
                running = stack.enter_context(up(self.recipe, place))
            yield running


def find_first(patch: pytest.MonkeyPatch, program: str) -> None:
    """Programs that ./test unpacks are found before others, for the length of a test."""
    patch.setenv("PATH", f"{Path(unpacked(program)).parent}:{os.environ['PATH']}")


class Running(NamedTuple):
    """A database that is up."""

    recipe: Recipe
    place: Place
    launch: Launch
    server: Spawned

    @property
    def url(self) -> str:
        """Under which it is reached, the password in it."""
        return dict(self.launch.facts)["url"]

    def run(self, step: Step, stdin: str | bytes = b"") -> bytes:
        """What a program of its own prints."""
        return run_step(step, stdin)

    def shell(self, commands: str) -> str:
        """What its shell prints when it is given commands."""
        assert self.recipe.database is not None
        return self.run(self.recipe.database.shell(self.place), commands).decode()


def make_place(directory: Path, recipe: str, port: int | None = None, **options: str) -> Place:
    """A place for a service in a directory, whose data lies where others cannot go."""
    data = directory / ODD
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    service = Service(
        "db", str(directory), "homeport.toml:3", recipe=recipe, options=tuple(options.items())
    )
    return Place(
        service,
        root=str(directory),
        port=port or leased_port(),
        data_dir=str(data),
        password=secrets.token_urlsafe(24),
        project="my-shop",
    )


def run_step(step: Step, stdin: str | bytes = b"") -> bytes:
    """Runs a program to its end, unless it has run; fails, with what it said, when it does."""
    if step.unless is not None and os.path.exists(step.unless):
        return b""
    done = subprocess.run(
        step.argv,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        check=False,
        timeout=step.timeout_ms / 1000,
        env={**os.environ, **dict(step.env)},
        cwd="/",
    )
    assert done.returncode == 0, f"{step.what}: {done.stderr.decode(errors='replace')}"
    return done.stdout


@contextmanager
def held(port: int, address: str = "127.0.0.1") -> Iterator[None]:
    """The port is held as a lease holds it."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind((address, port))
        yield


@contextmanager
def up(recipe: Recipe, place: Place) -> Generator[Running]:
    """The database is up for the length of the block, and then ends as it is asked to."""
    launch = recipe.launch(place)
    assert launch.hold is Hold.KEPT
    with held(place.port):
        for step in launch.before:
            run_step(step)
        env = {**os.environ, **dict(launch.env)}
        with spawn(launch.argv, env=env, cwd=place.root) as server:
            wait_ready(launch, place, server)
            for step in launch.after:
                run_step(step)
            running = Running(recipe, place, launch, server)
            yield running
            if server.process.poll() is None:
                server.process.send_signal(_signal(launch))
                server.process.wait(20)


def _signal(launch: Launch) -> signal.Signals:
    return signal.Signals[f"SIG{launch.stop_signal or 'TERM'}"]


def wait_ready(launch: Launch, place: Place, server: Spawned) -> None:
    """Waits as the recipe says."""
    if launch.ready.kind is CheckKind.LOG:
        server.wait_for(launch.ready.value, seconds=READY_S)
    else:
        assert launch.ready.kind is CheckKind.TCP
        server.wait_for_listener(place.port, seconds=READY_S)


def kill(running: Running) -> None:
    """Ends everything of a server's at once, as a crash does."""
    _kill_all(running.server)


def _kill_all(server: Spawned) -> None:
    # PostgreSQL gives each of its processes a session of its own; and the group has those that were
    # started since we looked.
    tree = tree_of(server.pid)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    for pid in tree:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    server.process.wait(10)
    # A killed process is there for a while, and PostgreSQL starts beside no other.
    wait_until(
        lambda: all(has_ended(each) for each in {*tree, *_group(server.pid)}),
        what="the end of all that was killed",
    )


def _group(pid: int) -> list[int]:
    return [each for each in psutil.pids() if _group_of(each) == pid]


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def tree_of(pid: int) -> list[int]:
    """The pids of a process and of all that descends from it."""
    try:
        process = psutil.Process(pid)
        return [pid, *(child.pid for child in process.children(recursive=True))]
    except psutil.NoSuchProcess:
        return [pid]


def interrupted(step: Step, until: Callable[[], object]) -> None:
    """Starts a program and kills it and its children once something has come about."""
    with spawn(step.argv, env={**os.environ, **dict(step.env)}, cwd="/") as running:
        wait_until(lambda: until() or running.process.poll() is not None, what=step.what)
        _kill_all(running)


def cut_short(recipe: Recipe, place: Place, after_s: float) -> None:
    """Starts all that a recipe starts, and kills whatever of it runs when the time is up."""
    launch, deadline = recipe.launch(place), time.monotonic() + after_s
    steps = [
        step for step in launch.before if step.unless is None or not Path(step.unless).exists()
    ]
    programs = [*((step.argv, step.env) for step in steps), (launch.argv, launch.env)]
    with held(place.port):
        for argv, env in programs:
            with spawn(argv, env={**os.environ, **dict(env)}, cwd="/") as running:
                try:
                    running.process.wait(max(0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    _kill_all(running)
                    return
                assert running.process.returncode == 0, running.output


def is_healthy(url: str) -> bool:
    """Whether the URL opens the database, as a client of our own sees it, on a busy machine too."""
    return wait_until(lambda: homeport.check(url).healthy, seconds=30, what=f"health of {url}")


def rows(running: Running, query: str) -> list[str]:
    """What a shell of MySQL or MariaDB prints of a query, without the names of the columns."""
    return running.shell(query).splitlines()[1:]


def identity_of(running: Running) -> Identity:
    """What a server is seen to be by whoever asks."""
    seen = homeport.snapshot().listeners
    found = next(each for each in seen if each.endpoint.port == running.place.port)
    identity = homeport.identify(found)
    assert identity is not None
    return identity


def refuses(running: Running, password: str = "wrong") -> bool:
    """Whether a wrong password opens nothing, for a client of our own, and that is why."""
    wrong = running.url.replace(running.place.password, password)

    def is_denied() -> bool:
        cause = homeport.check(wrong).cause
        return cause is not None and cause.id in _DENIED

    return wait_until(is_denied, seconds=30, what=f"refusal of {wrong}")


_DENIED = frozenset({"D1", "D2", "D7", "D16"})
"""The causes that `check` gives for a wrong login, one for each kind of server."""


def assert_on_loopback_only(running: Running) -> None:
    """Nothing of the server's listens where another machine, or another user's file, is."""
    seen = homeport.snapshot()
    tree = tree_of(running.server.pid)
    ours = [each for each in seen.listeners if _is_of(each.owners, tree)]
    assert running.place.port in {each.endpoint.port for each in ours}
    assert {each.endpoint.address for each in ours} <= {"127.0.0.1", "::1"}
    paths = [each.path for each in seen.unix_listeners if _is_of(each.owners, tree)]
    assert all(str(path).startswith(running.place.data_dir) for path in paths), paths


def _is_of(owners: tuple[Process, ...], tree: list[int]) -> bool:
    return any(owner.pid in tree for owner in owners)


def assert_keeps_the_password(running: Running) -> None:
    """Nobody else on the machine can read the password: command lines, environments, files."""
    password = running.place.password
    for step in programs_of(running):
        assert password not in " ".join(step.argv), step.what
    assert password not in " ".join(running.launch.argv)
    told = as_user(NOBODY, ["sh", "-c", "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ"])
    assert password not in told.stdout
    read = as_user(NOBODY, ["grep", "-rlF", "--", password, running.place.data_dir])
    assert not read.stdout
    for path in Path(running.place.data_dir).rglob("*"):
        if path.is_file() and password.encode() in path.read_bytes():
            assert not path.stat().st_mode & 0o077, path


def assert_refuses_half(running: Running, dump: bytes) -> None:
    """A dump that is cut off, wherever that is, changes nothing."""
    database = running.recipe.database
    assert database is not None
    assert database.dump
    assert database.restore
    for left in (len(dump) // 3, len(dump) * 2 // 3, len(dump) - 100):
        with pytest.raises(AssertionError, match="cut off"):
            running.run(database.restore(running.place), dump[:left])
    with pytest.raises(AssertionError, match="empty"):
        running.run(database.restore(running.place), b"")
    # The moment stands in some.
    assert len(running.run(database.dump(running.place))) == len(dump)


def programs_of(running: Running) -> list[Step]:
    """Every program that the recipe runs beside the server."""
    launch, place, database = running.launch, running.place, running.recipe.database
    steps = [*launch.before, *launch.after]
    if database is not None:
        for make in (database.dump, database.restore):
            with suppress(NotFound):  # some tools are on no machine of ours
                steps += [make(place)] if make is not None else []
        steps += database.reset(place) if database.reset is not None else ()
    return steps

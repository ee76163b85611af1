"""The loads on which Homeport is measured: sockets on loopback, spread over processes.

`python benchmarks/loads.py L1` holds a load until Enter, Ctrl-C or SIGTERM; `with running(L1):`
holds it for a block. Every process is ended by pid. Linux only.
"""

import argparse
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn, TypedDict

WORKER = Path(__file__).with_name("load_worker.py")
PROJECTS = 20


class Load(NamedTuple):
    """A load: every connection is two ESTABLISHED sockets, one at either end."""

    name: str
    processes: int
    listeners: int
    connections: int
    other_descriptors: int = 0


IDLE = Load("idle", 0, 0, 0)
SMALL = Load("small", 4, 6, 50, other_descriptors=20)
L1 = Load("L1", 60, 300, 10_000)
L2 = Load("L2", 500, 2_000, 24_000)
L3 = Load("L3", 330, 40, 200, other_descriptors=64)
FIFTY_THOUSAND = Load("50,000 sockets", 100, 1_000, 24_500)
LOADS = {load.name: load for load in (IDLE, SMALL, L1, L2, L3)}


class Listener(NamedTuple):
    """A listener of the load: who holds it and where it listens."""

    pid: int
    host: str
    port: int


class Running(NamedTuple):
    """A load that stands: its worker processes and its listeners."""

    load: Load
    pids: Sequence[int]
    listeners: Sequence[Listener]


class LoadFailed(Exception):
    """The load did not come up within its deadline; the message has the worker's own words."""


def python_for(uid: int | None) -> str:
    """An interpreter that this user may execute: one in root's home is closed to others."""
    base: str = getattr(sys, "_base_executable", sys.executable)
    candidates = [sys.executable, base, "/usr/bin/python3"]
    for python in candidates if uid is not None else candidates[:1]:
        with contextlib.suppress(OSError):
            done = subprocess.run([python, "-I", "-S", "-c", ""], check=False, **as_user(uid))
            if not done.returncode:
                return python
    raise LoadFailed(f"user {uid} can execute none of {candidates}")


class _User(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def as_user(uid: int | None) -> _User:
    """The arguments for subprocess that run a command as this user, or none for the present one."""
    return {} if uid is None else {"user": uid, "group": uid, "extra_groups": []}


def projects_in(directory: Path) -> tuple[str, ...]:
    """Working directories that look like repositories, so that owners belong to projects."""
    made = [directory / f"project-{number}" for number in range(PROJECTS)]
    for path in made:
        (path / ".git").mkdir(parents=True)
        (path / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    return tuple(map(str, made))


def coordinator(load: Load, uid: int | None, directory: Path, deadline_s: int) -> list[str]:
    """The command that holds the load; the worker is copied to where any user can read it."""
    worker = directory / WORKER.name
    worker.write_text(WORKER.read_text())
    spec = {
        "processes": load.processes,
        "listeners": load.listeners,
        "connections": load.connections,
        "other_descriptors": load.other_descriptors,
        "deadline_s": deadline_s,
        "projects": projects_in(directory),
    }
    path = directory / "spec.json"  # a file, so that the argument list is as short as most are
    path.write_text(json.dumps(spec))
    return [python_for(uid), "-I", "-S", str(worker), str(path)]


def wait_ready(process: subprocess.Popen[bytes], load: Load, deadline_s: int) -> Running:
    """Read the coordinator's one line; raises LoadFailed after the deadline or on its early end."""
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], deadline_s + 5)
    line = process.stdout.readline() if readable else b""
    if not line:
        raise LoadFailed(f"{load.name} did not come up within {deadline_s} s")
    said = json.loads(line)
    return Running(load, said["pids"], [Listener(*each) for each in said["listeners"]])


@contextlib.contextmanager
def running(load: Load, *, uid: int | None = None, deadline_s: int = 60) -> Iterator[Running]:
    """Hold the load for the block, as another user if asked (which takes root).

    All sockets are established when the block begins; every process is gone when it ends.
    """
    if not load.processes:
        yield Running(load, [], [])
        return
    with tempfile.TemporaryDirectory(prefix="homeport-load-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        process = subprocess.Popen(
            coordinator(load, uid, directory, deadline_s),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd="/",
            start_new_session=True,  # Ctrl-C reaches us alone, and we end the workers in order
            **as_user(uid),
        )
        # Popen as a context manager closes our end of its standard input, which ends it, and reaps.
        with process:
            yield wait_ready(process, load, deadline_s)


def interrupted(_signal: int, _frame: object) -> NoReturn:
    """Make SIGTERM end the load like Ctrl-C does."""
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """Hold one load from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("load", choices=sorted(LOADS))
    parser.add_argument("--uid", type=int, help="run the load as this user (takes root)")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, interrupted)
    with (
        contextlib.suppress(KeyboardInterrupt),
        running(LOADS[options.load], uid=options.uid) as up,
    ):
        print(
            f"{up.load.name}: {len(up.pids)} processes, {len(up.listeners)} listeners, "
            f"{2 * up.load.connections} established sockets; Enter ends it",
            flush=True,
        )
        os.read(0, 1)
    return 0


if __name__ == "__main__":
    sys.exit(main())

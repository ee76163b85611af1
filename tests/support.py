"""What the tests share: real programs, processes, namespaces and users.

Nothing here sleeps to be in time: it waits for what it needs until a deadline. Nothing here is left
behind: each context manager ends what it started, also when the test fails.
"""

from __future__ import annotations

import atexit
import errno
import fcntl
import functools
import glob
import importlib.util
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, TypedDict, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""

FIXTURES = ROOT / "tests" / "fixtures"
"""Recorded bytes."""

SBIN = "/usr/local/sbin:/usr/sbin:/sbin"
"""Where an ordinary user's PATH does not lead."""


class User(NamedTuple):
    """Somebody to run a program as."""

    uid: int
    gid: int


NOBODY = User(65534, 65534)
"""The unprivileged user that every Linux has."""


def need(program: str, *, package: str) -> str:
    """The path of a program; skips the test, naming the Debian package, where it is missing."""
    places = [os.environ.get("PATH", os.defpath), SBIN, *glob.glob("/usr/lib/postgresql/*/bin")]
    found = shutil.which(program, path=":".join(places))
    if found is None:
        pytest.skip(f"needs {program}: install the Debian package {package}")
    return found


def unpacked(program: str) -> str:
    """The path of a program that ./test unpacks; skips the test where it could not."""
    path = Path(sys.prefix) / "debian" / "bin" / program
    if not path.exists():
        pytest.skip(f"needs {program}: run ./test on Debian, which unpacks it (tools/unpacked.sh)")
    return str(path)


def wait_until(predicate: Callable[[], T], *, seconds: float = 10.0, what: str = "") -> T:
    """The first true value that `predicate` gives; fails, saying `what` was awaited, after that."""
    deadline = time.monotonic() + seconds
    while True:
        if value := predicate():
            return value
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds:g} s in vain for {what or predicate}")
        time.sleep(0.005)


_ports = itertools.count()


def leased_port() -> int:
    """A TCP and UDP port of loopback for a server to bind, no other test's and nobody's by chance.

    Each process has ports of its own, below the range from which the kernel assigns.
    """
    first = _block_of_ports()
    for _ in range(_BLOCK):
        port = first + next(_ports) % _BLOCK
        if all(_can_bind(family, kind, port) for family in _FAMILIES for kind in _KINDS):
            return port
    pytest.fail("every port of this process is taken")


_FIRST_PORT, _BLOCK, _BLOCKS = 10_000, 450, 22


@functools.cache
def _block_of_ports() -> int:
    """The first of the ports that are ours until this process ends, by a lock on a file."""
    place = Path(tempfile.gettempdir()) / f"homeport-test-ports-{os.geteuid()}"
    place.mkdir(mode=0o700, exist_ok=True)
    for number in range(_BLOCKS):
        held = os.open(place / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
        else:
            return _FIRST_PORT + number * _BLOCK
    pytest.fail("more processes run tests here than there are ports")


_FAMILIES = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
_KINDS = (socket.SOCK_STREAM, socket.SOCK_DGRAM)


def _can_bind(family: tuple[int, str], kind: int, port: int) -> bool:
    number, address = family
    with socket.socket(number, kind) as probe:
        try:
            probe.bind((address, port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE  # without IPv6 there is nothing to be taken
    return True


def socket_ends() -> tuple[int, int]:
    """What sshd and Node give a program for a pipe: where to read, and what it writes to."""
    reading, writing = socket.socketpair()
    return reading.detach(), writing.detach()


class Spawned:
    """A process of ours, and what it has printed so far on both its outputs."""

    def __init__(self, process: subprocess.Popen[bytes], output: IO[bytes]) -> None:
        self.process = process
        self.pid = process.pid
        self._output = output

    @property
    def output(self) -> str:
        """Everything that it has printed."""
        size = os.fstat(self._output.fileno()).st_size
        return os.pread(self._output.fileno(), size, 0).decode(errors="replace")

    def wait_for(self, pattern: str, *, seconds: float = 20.0) -> re.Match[str]:
        """The match of a regular expression in what it prints; fails when it ends without one."""
        wait_until(
            lambda: (
                re.search(pattern, self.output, re.MULTILINE) or self.process.poll() is not None
            ),
            seconds=seconds,
            what=f"{pattern!r} from {self.process.args!r}",
        )
        match = re.search(pattern, self.output, re.MULTILINE)
        assert match, f"ended without {pattern!r}:\n{self.output}"
        return match

    def wait_for_listener(self, port: int, *, seconds: float = 20.0) -> None:
        """Waits until something in its network namespace listens on a TCP port."""
        wait_until(
            lambda: _listens(self.pid, port) or self.process.poll() is not None,
            seconds=seconds,
            what=f"a listener on port {port} from {self.process.args!r}",
        )
        assert self.process.poll() is None, f"ended early:\n{self.output}"


@contextmanager
def spawn(
    argv: Sequence[str],
    *,
    ready: str | int | None = None,
    user: User | None = None,
    cwd: str | Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Generator[Spawned]:
    """Runs a program for the length of the block: then TERM to it, and KILL to its group's rest.

    `ready` is a regular expression that it prints, or the TCP port on which it will listen.
    """
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=cwd,
            env=env,
            **_identity(user),
        )
        spawned = Spawned(process, output)
        try:
            if isinstance(ready, int):
                spawned.wait_for_listener(ready)
            elif ready is not None:
                spawned.wait_for(ready)
            yield spawned
        finally:
            _end(process)


class Namespace(NamedTuple):
    """A network namespace of our own, its loopback up."""

    name: str

    def command(self, *argv: str) -> list[str]:
        """The command line that runs `argv` in it (as the same process: ip execs)."""
        return ["ip", "netns", "exec", self.name, *argv]

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Runs a program in it to its end."""
        return subprocess.run(self.command(*argv), capture_output=True, text=True, check=True)


_numbers = itertools.count()


@contextmanager
def network_namespace() -> Generator[Namespace]:
    """A network namespace for the length of the block. Needs root, and skips without."""
    if os.geteuid() != 0:
        pytest.skip("needs root: a network namespace")
    ip = need("ip", package="iproute2")
    name = f"hp-{os.getpid()}-{next(_numbers)}"
    made = subprocess.run([ip, "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.skip(f"this machine allows no network namespace: {made.stderr.strip()}")
    try:
        subprocess.run([ip, "-n", name, "link", "set", "lo", "up"], check=True)
        yield Namespace(name)
    finally:
        subprocess.run([ip, "netns", "del", name], check=True)


def as_user(
    user: User, argv: Sequence[str], *, timeout: float = 30.0
) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end as somebody else. Needs root, and skips without."""
    return _run(argv, user=user, env=_environment(None, user), timeout=timeout)


def run_homeport(
    *args: str,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    cwd: str | Path | None = None,
    user: User | None = None,
    namespace: Namespace | None = None,
    timeout: float = 30.0,
) -> subprocess.CompletedProcess[str]:
    """Runs the installed command as a whole process, as people do, and captures what it prints.

    `env` is added to the environment.
    """
    argv, more = homeport_command(user)
    argv += args
    if namespace is not None:
        argv = namespace.command(*argv)
    environment = _environment({**more, **(env or {})}, user)
    return _run(argv, user=user, env=environment, timeout=timeout, stdin=stdin, cwd=cwd)


def homeport_command(user: User | None = None) -> tuple[list[str], dict[str, str]]:
    """How to start the installed command, and the environment variables to add for that."""
    if user is None or _may_run(user):
        return [str(Path(sys.executable).with_name("homeport"))], {}
    start = (
        "import sys; sys.argv[0] = 'homeport'\nfrom homeport.cli.main import main; sys.exit(main())"
    )
    return [_python_for_all(user), "-c", start], {"PYTHONPATH": _readable_library()}


def printed_by(code: str) -> str:
    """What a program prints in a fresh interpreter that loads nothing for anybody else."""
    # The measuring of ./test --coverage loads modules of its own.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    argv = [sys.executable, "-I", "-c", code]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=True).stdout


def _run(
    argv: Sequence[str],
    *,
    user: User | None,
    env: Mapping[str, str],
    timeout: float,
    stdin: str = "",
    cwd: str | Path | None = None,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        argv,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        env=env,
        cwd=cwd or ("/" if user else None),
        **_identity(user),
    )


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _identity(user: User | None) -> _Identity:
    if user is None:
        return {}
    if os.geteuid() != 0:
        pytest.skip("needs root: to run a program as another user")
    return {"user": user.uid, "group": user.gid, "extra_groups": []}


def _environment(more: Mapping[str, str] | None, user: User | None) -> dict[str, str]:
    own = {"PATH": os.environ.get("PATH", os.defpath)} if user else dict(os.environ)
    own["PATH"] += f":{SBIN}"
    return {**own, **(more or {})}


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or waits only for its parent to notice (state Z)."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            == "Z"
        )
    except (FileNotFoundError, ProcessLookupError):
        return True


def _listens(pid: int, port: int) -> bool:
    """Whether the namespace of a process has a TCP listener on the port (state 0A in proc(5))."""
    wanted = re.compile(rf":{port:04X} [0-9A-F]+:0000 0A ")
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            if wanted.search(Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii")):
                return True
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@functools.cache
def _may_run(user: User) -> bool:
    """Whether a user reaches this Python, its packages and our sources."""
    argv = [sys.executable, "-c", "import homeport.cli, psutil"]
    return _succeeds(argv, user, {})


@functools.cache
def _python_for_all(user: User) -> str:
    """A Python that the user can start; ours may lie in a home directory closed to others."""
    test = "import sys; sys.exit(sys.version_info < (3, 11))"
    for python in ("/usr/bin/python3", "/usr/local/bin/python3", "/usr/bin/python3.11"):
        if _succeeds([python, "-c", test], user, {}):
            return python
    pytest.skip("needs a Python 3.11 that other users may start: install python3")


@functools.cache
def _readable_library() -> str:
    """A copy of Homeport and what it imports that every user can read."""
    place = tempfile.mkdtemp(prefix="homeport-library-")
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    packages = []
    for name in ("homeport", "psutil", "shtab", "h11", "yaml"):
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        packages.append(str(Path(spec.origin).parent))
    # What is compiled belongs to the time of its source.
    subprocess.run(["cp", "-r", "--preserve=timestamps", *packages, place], check=True)
    subprocess.run(["chmod", "-R", "a+rX", place], check=True)
    return place


def _succeeds(argv: Sequence[str], user: User, env: Mapping[str, str]) -> bool:
    try:
        return _run(argv, user=user, env=_environment(env, user), timeout=20).returncode == 0
    except OSError:
        return False

"""Processes of this machine, from /proc: who they are, and what they belong to.

The tables of sockets name hundreds of owners, so each one costs a handful of system calls and no
more; whatever several of them share (parents, users, projects, cgroups) is read once.
"""

from __future__ import annotations

import os
import pwd
import time
from functools import lru_cache

from homeport.host.projects import ProjectFinder
from homeport.model.errors import BrokenMessage
from homeport.model.process import Ancestor, Container, Process, Project
from homeport.model.record import NamedTuple
from homeport.wire.cgroup import CgroupFacts, parse_cgroups
from homeport.wire.proc_pid import (
    Activation,
    Stat,
    parse_activation,
    parse_cmdline,
    parse_stat,
)
from homeport.wire.program import THREAD_NAMES, own_name

_MAX_ANCESTORS = 64
_CHUNK = 4096
_MAX_FILE = 128 * 1024
# An O_PATH descriptor pins the process: what is opened below it fails once the pid is another's.
_DIRECTORY = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
_NOBODY_KNOWN = CgroupFacts(None, None)


class Account(NamedTuple):
    """What the user database says of a uid."""

    name: str
    home: str


@lru_cache(maxsize=1024)
def account(uid: int) -> Account | None:
    """The name and home of a user, None for a uid without an entry."""
    try:
        entry = pwd.getpwuid(uid)
    except (KeyError, OverflowError):
        return None
    return Account(entry.pw_name, entry.pw_dir)


def user_name(uid: int) -> str | None:
    """The name of a user, None for a uid without an entry."""
    known = account(uid)
    return None if known is None else known.name


class Brief(NamedTuple):
    """The little that each holder of a socket is shown with; `uid` is the effective one."""

    start_ticks: int
    name: str
    uid: int


class _Step(NamedTuple):
    """A process as its children see it."""

    parent: int
    start_ticks: int
    ancestor: Ancestor


class ProcessReader:
    """Reads processes, each once: one reader is for one look at the machine.

    `proc` is where the proc file system is mounted; `boot_ns` when the machine was booted, in
    nanoseconds since the epoch (asked from the clocks when None). Linux only.
    """

    def __init__(self, proc: str = "/proc", *, boot_ns: int | None = None) -> None:
        self._proc = proc
        self._boot_ns = boot_time_ns() if boot_ns is None else boot_ns
        self._ns_per_tick = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
        self._brief: dict[int, Process | None] = {}
        self._full: dict[int, Process | None] = {}
        self._steps: dict[int, _Step | None] = {}
        self._projects = ProjectFinder()

    def process(
        self, pid: int, *, facts: bool = True, known: Brief | None = None
    ) -> Process | None:
        """The process, None when it has ended or is hidden from this user (hidepid).

        Without `facts`: identity, start, name, uid and user, of which what is `known` is not
        asked again. With them also what takes a read each; those that are refused are None.
        """
        read = self._full if facts else self._brief
        if pid not in read:
            try:
                read[pid] = self._read_full(pid) if facts else self._in_brief(pid, known)
            except (OSError, BrokenMessage):
                read[pid] = None
        return read[pid]

    def activation(self, pid: int) -> Activation | None:
        """The sockets that a service manager passed to the process, as its environment says.

        None also where the environment may not be read, or is that of another process: children
        inherit the variables, and LISTEN_PID tells for whom they are (sd_listen_fds(3)).
        """
        try:
            found = parse_activation(_read(f"{self._proc}/{pid}/environ", None))
        except OSError:
            return None
        return found if found is not None and found.pid == pid else None

    def addresses(self, pid: int) -> frozenset[str]:
        """The addresses of the network namespace that a process lives in; empty where hidden."""
        # Asked only where a port forwarder is met, so not loaded at every start.
        from homeport.wire.local_addresses import parse_fib_trie, parse_if_inet6

        found: frozenset[str] = frozenset()
        for name, parse in (("fib_trie", parse_fib_trie), ("if_inet6", parse_if_inet6)):
            try:
                found |= parse(_read(f"{self._proc}/{pid}/net/{name}", None))
            except OSError:
                continue  # without IPv6 there is no such file
        return found

    def _in_brief(self, pid: int, known: Brief | None) -> Process:
        start_ticks, name, uid = known or read_brief(pid, self._proc)
        return Process(
            pid=pid,
            start_ticks=start_ticks,
            started_ns=self._started_ns(start_ticks),
            name=self._read_full(pid).name if name in THREAD_NAMES else name,
            uid=uid,
            user=user_name(uid),
        )

    def _read_full(self, pid: int) -> Process:
        directory = os.open(f"{self._proc}/{pid}", _DIRECTORY)
        try:
            return self._facts(pid, directory)
        finally:
            os.close(directory)

    def _facts(self, pid: int, directory: int) -> Process:
        # The owner of the directory is the effective uid; that of the files in it is root for a
        # process that may not be traced.
        uid = os.fstat(directory).st_uid
        facts = parse_stat(_read("stat", directory))
        argv = parse_cmdline(_read("cmdline", directory))
        exe, cwd = _link("exe", directory), _link("cwd", directory)
        unit, container = _cgroup(directory)
        self._steps[pid] = _step(pid, facts, argv)
        return Process(
            pid=pid,
            start_ticks=facts.start_ticks,
            started_ns=self._started_ns(facts.start_ticks),
            name=own_name(facts.name, argv, exe),
            argv=argv,
            exe=exe,
            cwd=cwd,
            uid=uid,
            user=user_name(uid),
            project=self._project(directory, cwd, argv, exe, container),
            unit=unit,
            container=container,
            ancestry=self._upward(facts.parent, facts.start_ticks),
        )

    def _started_ns(self, start_ticks: int) -> int:
        return self._boot_ns + start_ticks * self._ns_per_tick

    def _project(
        self,
        directory: int,
        cwd: str | None,
        argv: tuple[str, ...],
        exe: str | None,
        container: Container | None,
    ) -> Project | None:
        if cwd is not None and cwd != "/":
            here = self._projects.identity(cwd)
            if here is not None and here != _identity(directory):
                # The path is one of another root or mount namespace: what it names here is
                # something else.
                return None
            if here is not None and (project := self._projects.at(cwd)):
                return project
        return self._projects.of_program(argv, exe) if container is None else None

    def _upward(self, pid: int, start_ticks: int) -> tuple[Ancestor, ...]:
        chain: list[Ancestor] = []
        while pid > 0 and len(chain) < _MAX_ANCESTORS:
            step = self._step(pid)
            # A parent that is younger than its child has inherited the pid of the real one.
            if step is None or step.start_ticks > start_ticks or step.ancestor in chain:
                break
            chain.append(step.ancestor)
            pid, start_ticks = step.parent, step.start_ticks
        return tuple(chain)

    def _step(self, pid: int) -> _Step | None:
        if pid not in self._steps:
            try:
                self._steps[pid] = self._read_step(pid)
            except (OSError, BrokenMessage):
                self._steps[pid] = None
        return self._steps[pid]

    def _read_step(self, pid: int) -> _Step:
        directory = f"{self._proc}/{pid}"
        facts = parse_stat(_read(f"{directory}/stat", None))
        return _step(pid, facts, parse_cmdline(_read(f"{directory}/cmdline", None)))


def read_brief(pid: int, proc: str = "/proc") -> Brief:
    """The start, name and user of a process; raises OSError or BrokenMessage."""
    directory = f"{proc}/{pid}"
    uid = os.stat(directory).st_uid
    facts = parse_stat(_read(f"{directory}/stat", None))
    return Brief(facts.start_ticks, facts.name, uid)


def boot_time_ns() -> int:
    """When the machine was booted, in nanoseconds since the epoch, to the hundredth of a second.

    The difference of two clocks is what the kernel itself puts into /proc/stat as `btime`, cut
    there to whole seconds.
    """
    difference = time.time_ns() - time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    return round(difference, -7)


def _step(pid: int, facts: Stat, argv: tuple[str, ...]) -> _Step:
    return _Step(facts.parent, facts.start_ticks, Ancestor(pid, own_name(facts.name, argv), argv))


def _read(name: str, directory: int | None) -> bytes:
    """A file of /proc to its end, or to a limit: arguments can be megabytes."""
    descriptor = os.open(name, os.O_RDONLY, dir_fd=directory)
    try:
        data = os.read(descriptor, _CHUNK)
        if len(data) == _CHUNK:
            while len(data) < _MAX_FILE and (more := os.read(descriptor, _CHUNK)):
                data += more
        return data
    finally:
        os.close(descriptor)


def _link(name: str, directory: int) -> str | None:
    try:
        return os.readlink(name, dir_fd=directory)
    except OSError:
        return None


def _identity(directory: int) -> tuple[int, int] | None:
    """Device and inode of the process's own working directory."""
    try:
        status = os.stat("cwd", dir_fd=directory)
    except OSError:
        return None
    return (status.st_dev, status.st_ino)


def _cgroup(directory: int) -> CgroupFacts:
    try:
        return parse_cgroups(_read("cgroup", directory))
    except OSError:
        return _NOBODY_KNOWN

"""Finds network namespaces, and reads socket tables inside of them (network_namespaces(7)). Linux.

Found are namespaces that a process lives in, or that a file below /run/netns or /run/docker/netns
keeps. One that only an open descriptor or a single thread keeps is not found.
"""

from __future__ import annotations

import os
import sys
from functools import partial

from homeport.model.errors import HomeportError, NotFound, NotPermitted
from homeport.model.snapshot import Namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import NoReturn, TypeVar

    from homeport.host.proc_net import ProcTables
    from homeport.host.sock_diag import DiagTables

    Result = TypeVar("Result")

DIRECTORIES = ("/run/netns", "/run/docker/netns")
"""Where iproute2 and Docker bind namespaces to names."""

_CLONE_NEWNET = 0x40000000


def current_inode(*, proc: str = "/proc") -> int:
    """The inode that stands for the network namespace of the calling thread; 0 if it is unknown."""
    return _inode_at(f"{proc}/thread-self/ns/net") or 0


def inode_of(pid: int, *, proc: str = "/proc") -> int | None:
    """The inode of a process's network namespace; None where it is hidden or has ended."""
    return _inode_at(f"{proc}/{pid}/ns/net")


def find_namespaces(
    known: Mapping[int, int] | None = None,
    *,
    pids: Iterable[int] | None = None,
    proc: str = "/proc",
    directories: Iterable[str] = DIRECTORIES,
) -> list[Namespace]:
    """The network namespaces that can be found, the caller's own first.

    `known` maps inodes of namespaces to a pid in each, when somebody has learned them already:
    then no process is looked at. Otherwise each of `pids` (every process of /proc) costs a
    readlink, 5 us. A process that belongs to somebody else does not tell its namespace, except to
    root.
    """
    own = current_inode(proc=proc)
    found = {own: Namespace(inode=own, pid=os.getpid(), own=True)}
    for inode, pid in _by_process(pids, proc) if known is None else known.items():
        if inode not in found:
            found[inode] = Namespace(inode=inode, pid=pid)
    for inode, name in _by_name(directories, proc):
        place = found.get(inode, Namespace(inode=inode))
        found[inode] = place if place.name else place._replace(name=name)
    return list(found.values())


def tables_in(namespace: Namespace, *, proc: str = "/proc") -> DiagTables | ProcTables:
    """The socket tables of a namespace: all that sock_diag tells, or else what /proc does.

    Their `complete` says which. Raises `NotPermitted`, or `NotFound` when the namespace has gone.
    """
    from homeport.host.sock_diag import DiagTables, own_tables

    if namespace.own:
        return own_tables(proc=proc)

    def opened() -> DiagTables:
        tables = DiagTables(pid=namespace.pid, proc=proc)
        tables.uses_mptcp()
        return tables

    try:
        return in_namespace(namespace, opened, proc=proc)
    except NotPermitted:
        return _tables_of_process(namespace, proc)


def _tables_of_process(namespace: Namespace, proc: str) -> ProcTables:
    from homeport.host.proc_net import ProcTables

    if namespace.pid is None:
        raise NotPermitted(
            f"network namespace {namespace.name or namespace.inode} may not be entered",
            why="that takes CAP_SYS_ADMIN, and no process lives in it whose tables could be read",
            next_step="run as root",
        )
    if _inode_at(f"{proc}/{namespace.pid}/ns/net") != namespace.inode:
        raise _gone(namespace)
    return ProcTables(namespace.pid, proc=proc)


def in_namespace(
    namespace: Namespace, function: Callable[[], Result], *, proc: str = "/proc"
) -> Result:
    """What `function` returns when called in a thread of its own that has entered the namespace.

    A netlink socket that it opens belongs to that namespace for good. Raises `NotPermitted` (it
    takes CAP_SYS_ADMIN), `NotFound` when the namespace has gone, and what `function` raises.
    """
    from threading import Thread

    outcome: list[Callable[[], Result]] = []

    def enter_and_call() -> None:
        try:
            _enter(namespace, proc)
            result = function()
        except BaseException as error:  # noqa: BLE001  (it is raised again in the calling thread)
            outcome.append(partial(_raise, error))
        else:
            outcome.append(lambda: result)

    thread = Thread(target=enter_and_call, name=f"homeport netns {namespace.inode}")
    try:
        thread.start()
    except RuntimeError as error:  # no more tasks, or no memory for one, are allowed
        raise _forbidden(namespace, error) from error
    thread.join()
    return outcome[0]()


def _raise(error: BaseException) -> NoReturn:
    raise error


def _enter(namespace: Namespace, proc: str) -> None:
    for path in _paths_to(namespace, proc):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, ProcessLookupError):
            continue
        except OSError as error:
            raise _forbidden(namespace, error) from error
        try:
            # The pid or the name may stand for another namespace by now.
            if os.fstat(descriptor).st_ino == namespace.inode:
                return _set_namespace(descriptor)
        except OSError as error:
            raise _forbidden(namespace, error) from error
        finally:
            os.close(descriptor)
    raise _gone(namespace)


def _paths_to(namespace: Namespace, proc: str) -> Iterator[str]:
    if namespace.name is not None:
        yield from (f"{directory}/{namespace.name}" for directory in DIRECTORIES)
    if namespace.pid is not None:
        yield f"{proc}/{namespace.pid}/ns/net"


def _set_namespace(descriptor: int) -> None:
    if sys.version_info >= (3, 12):
        os.setns(descriptor, _CLONE_NEWNET)
    else:
        _set_namespace_by_ctypes(descriptor)


def _set_namespace_by_ctypes(descriptor: int) -> None:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _forbidden(namespace: Namespace, error: OSError | RuntimeError) -> HomeportError:
    return NotPermitted(
        f"network namespace {namespace.name or namespace.inode} may not be entered",
        why=str(error),
        next_step="run as root",
    )


def _gone(namespace: Namespace) -> HomeportError:
    return NotFound(f"network namespace {namespace.name or namespace.inode} has gone")


def _by_process(pids: Iterable[int] | None, proc: str) -> Iterator[tuple[int, int]]:
    """Inode of the namespace and pid, for every process that tells."""
    if pids is None:
        pids = [int(name) for name in _listed(proc) if name.isdigit()]
    for pid in pids:
        inode = _inode_at(f"{proc}/{pid}/ns/net")
        if inode is not None:
            yield inode, pid


def _by_name(directories: Iterable[str], proc: str) -> Iterator[tuple[int, str]]:
    """Inode of the namespace and name, for every name that a namespace is bound to."""
    filesystem = None
    for directory in directories:
        for name in _listed(directory):
            try:
                status = os.stat(f"{directory}/{name}")
                filesystem = filesystem or os.stat(f"{proc}/self/ns/net").st_dev
            except OSError:
                continue
            # A name whose mount has gone is an ordinary empty file.
            if status.st_dev == filesystem:
                yield status.st_ino, name


def _listed(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []


def _inode_at(path: str) -> int | None:
    """The inode in a link such as `net:[4026531840]`; None if it may not be read or has gone."""
    try:
        target = os.readlink(path)
    except OSError:
        return None
    digits = target.partition("[")[2].removesuffix("]")
    return int(digits) if digits.isdigit() else None

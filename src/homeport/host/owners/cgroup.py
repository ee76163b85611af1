"""Guesses and shortcuts from what a socket tells of its maker: the user and the cgroup.

The number that sock_diag gives is the inode of the cgroup's directory (cgroups(7), version 2).
Membership is world-readable, so it also says something of processes that are hidden; but it says
who may have *made* the socket, not who holds it now.
"""

from __future__ import annotations

import os
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from homeport.host.owners.search import SocketHint

_MOUNTS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
# With more processes in it a cgroup is a login session or the whole machine, and says nothing.
_FEW = 16
_ROOT_INODE = 1
_CHUNK = 4096


def candidates(
    unseen: Mapping[int, SocketHint], among: Iterable[int], proc: str = "/proc"
) -> dict[int, tuple[int, ...]]:
    """Which of these processes may have made each of these sockets; leaves out where many may.

    Those of the socket's user if there are any in its cgroup, else all in it: a server often binds
    as root and then becomes somebody else.
    """
    numbers = {hint.cgroup_id for hint in unseen.values()} - {None, _ROOT_INODE}
    members = _members(among, proc) if numbers else {}
    found: dict[int, tuple[int, ...]] = {}
    for inode, hint in unseen.items():
        if hint.cgroup_id in numbers:
            inside = members.get(hint.cgroup_id, ())
            same = [pid for pid in inside if uid_of(pid, proc) == hint.uid]
            if 0 < len(same or inside) <= _FEW:
                found[inode] = tuple(sorted(same or inside))
    return found


def likely_first(
    wanted: Mapping[int, SocketHint], among: Iterable[int], proc: str = "/proc"
) -> list[int]:
    """All the processes, with those first that are of the cgroup and user of a wanted socket."""
    users = {hint.uid for hint in wanted.values()}
    numbers = {hint.cgroup_id for hint in wanted.values()} - {None, _ROOT_INODE}

    def unlikeliness(pid: int) -> int:
        elsewhere = bool(numbers) and cgroup_of(pid, proc) not in numbers
        # The younger first: what just appeared was opened by something that was just started.
        return 2 * elsewhere + (uid_of(pid, proc) not in users)

    return sorted(sorted(among, reverse=True), key=unlikeliness)


def uid_of(pid: int, proc: str = "/proc") -> int | None:
    """The effective user of a process, None when it has ended."""
    try:
        return os.stat(f"{proc}/{pid}").st_uid
    except OSError:
        return None


def cgroup_of(pid: int, proc: str = "/proc") -> int | None:
    """The number of a process's cgroup, None when it has ended or has none of version 2."""
    return _number(_memberships(pid, proc))


def _members(among: Iterable[int], proc: str) -> dict[int | None, list[int]]:
    """Which processes are in which cgroup; those that share one are looked up once."""
    sharing: dict[bytes, list[int]] = {}
    for pid in among:
        sharing.setdefault(_memberships(pid, proc), []).append(pid)
    members: dict[int | None, list[int]] = {}
    for memberships, pids in sharing.items():
        members.setdefault(_number(memberships), []).extend(pids)
    return members


def _memberships(pid: int, proc: str) -> bytes:
    """What /proc/PID/cgroup says, nothing of a process that has ended."""
    try:
        descriptor = os.open(f"{proc}/{pid}/cgroup", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    data = b""
    try:
        while chunk := os.read(descriptor, _CHUNK):
            data += chunk
            if len(chunk) < _CHUNK:
                break
    except OSError:
        return b""
    finally:
        os.close(descriptor)
    return data


def _number(memberships: bytes) -> int | None:
    # The line of version 2 has hierarchy 0 and names no controllers.
    lines = memberships.split(b"\n")
    path = next((line[3:] for line in lines if line.startswith(b"0::")), None)
    mount = _mount()
    if path is None or mount is None:
        return None
    try:
        return os.stat(mount + os.fsdecode(path)).st_ino
    except OSError:
        return None


@lru_cache(maxsize=1)
def _mount() -> str | None:
    """Where version 2 is mounted: the one that has its own list of controllers."""
    for place in _MOUNTS:
        if os.path.exists(f"{place}/cgroup.controllers"):
            return place
    return None

"""What a socket's cgroup and user say of those whose descriptors cannot be seen."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from homeport.host.owners import SocketHint, find_owners
from homeport.host.owners.cgroup import candidates, cgroup_of, likely_first
from homeport.model.process import Certainty
from tests.host.owners.holders import WAITING, holder, inode_of, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.root

MOUNTS = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))
STRANGER = 65533


@pytest.fixture
def cgroup() -> Iterator[Path]:
    """A cgroup of version 2 for the length of a test."""
    mount = next((each for each in MOUNTS if (each / "cgroup.controllers").exists()), None)
    if mount is None:
        pytest.skip("needs root: cgroup version 2 mounted below /sys/fs/cgroup")
    made = mount / f"homeport-test-{os.getpid()}"
    made.mkdir()
    yield made
    made.rmdir()


@contextmanager
def another_user(uid: int) -> Iterator[None]:
    """This process with the effective rights of an ordinary user."""
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)


def put(pid: int, cgroup: Path) -> int:
    """Move a process into the cgroup, and return the number of that."""
    (cgroup / "cgroup.procs").write_text(str(pid))
    return cgroup.stat().st_ino


def test_a_process_is_known_by_the_number_of_its_cgroup(cgroup: Path) -> None:
    with holder() as other:
        number = put(other.pid, cgroup)
        assert cgroup_of(other.pid) == number
        assert cgroup_of(os.getpid()) not in (number, None)


def test_the_owner_of_a_strangers_socket_is_inferred(cgroup: Path) -> None:
    with holder() as other:
        number = put(other.pid, cgroup)
        with listening() as held:
            inode = inode_of(held)
            other.give(held)
        # In flight: no scan can see it, as none can see what belongs to another user.
        with another_user(STRANGER):
            search = find_owners({inode: SocketHint(0, number)})
        assert search.holders == {inode: (other.pid,)}
        assert search.certainty(inode) is Certainty.INFERRED
        assert not search.everything_seen
        assert search.hidden_processes > 0


def test_without_a_cgroup_of_its_own_it_is_hidden(cgroup: Path) -> None:
    with holder() as other, listening() as held, another_user(STRANGER):
        search = find_owners({inode_of(held): SocketHint(0, cgroup_of(other.pid))})
        assert search.certainty(inode_of(held)) in (Certainty.HIDDEN, Certainty.INFERRED)
        assert find_owners({inode_of(held): SocketHint(0, 1)}).holders == {}
        assert find_owners({inode_of(held): SocketHint(0)}).certainty(inode_of(held)) is (
            Certainty.HIDDEN
        )


def test_of_a_cgroup_the_processes_of_the_sockets_user_are_meant(cgroup: Path) -> None:
    script = f"import os\nos.setuid({STRANGER})\n{WAITING}"
    with holder() as one, holder(script) as other:
        number = put(one.pid, cgroup)
        put(other.pid, cgroup)
        everybody = (one.pid, other.pid, os.getpid())
        assert candidates({7: SocketHint(STRANGER, number)}, everybody) == {7: (other.pid,)}
        assert candidates({7: SocketHint(0, number)}, everybody) == {7: (one.pid,)}
        both = tuple(sorted((one.pid, other.pid)))
        assert candidates({7: SocketHint(12, number)}, everybody) == {7: both}
        assert candidates({7: SocketHint(0, 1)}, everybody) == {}


def test_the_narrow_search_begins_where_the_socket_was_made(cgroup: Path) -> None:
    with holder() as other:
        number = put(other.pid, cgroup)
        order = likely_first({7: SocketHint(0, number)}, (1, os.getpid(), other.pid))
        assert order[0] == other.pid
        assert sorted(order) == sorted((1, os.getpid(), other.pid))

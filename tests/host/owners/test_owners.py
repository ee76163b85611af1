"""Every way to find owners gives the same, right answer, however a socket is held."""

from __future__ import annotations

import os
import platform
import resource
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from homeport.host.owners import STRATEGIES, OwnerSearch, SocketHint, find_owners
from homeport.host.owners import cache as owners_cache
from homeport.host.owners.bpf import refusal
from homeport.host.processes import read_brief
from homeport.model.errors import BadInput
from homeport.model.process import Certainty
from tests.host.owners.holders import WAITING, holder, inode_of, listening, seen, want
from tests.support import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPLETE = [each for each in STRATEGIES if each != "narrowed"]
EXIT = {"x86_64": 60}.get(platform.machine(), 93)
CLONE = {"x86_64": 56}.get(platform.machine(), 220)


@pytest.fixture(params=[*COMPLETE, "cache again", None])
def strategy(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Each complete way; the cache also as it is when it remembers, None what is chosen here."""
    name: str | None = request.param
    if name == "bpf" and (why := refusal()):
        pytest.skip(f"needs root: {why}")
    owners_cache.forget()
    if name == "cache again":
        find_owners(want(1), strategy="cache")
        name = "cache"
    yield name
    owners_cache.forget()


def nobody(search: OwnerSearch) -> Certainty:
    """What is said of a socket without a holder."""
    return Certainty.UNOWNED if search.everything_seen else Certainty.HIDDEN


def test_our_own_socket_is_ours(strategy: str | None) -> None:
    with listening() as held:
        search = find_owners(want(inode_of(held)), strategy=strategy)
        assert search.holders == {inode_of(held): (os.getpid(),)}
        assert search.certainty(inode_of(held)) is Certainty.SEEN


def test_a_descriptor_copied_within_a_process_counts_once(strategy: str | None) -> None:
    with listening() as held, held.dup():
        assert seen(find_owners(want(inode_of(held)), strategy=strategy), held) == (os.getpid(),)


def test_all_who_inherited_it_are_named(strategy: str | None) -> None:
    with listening() as held, holder(WAITING, held) as one, holder(WAITING, held) as other:
        search = find_owners(want(inode_of(held)), strategy=strategy)
        assert seen(search, held) == tuple(sorted((os.getpid(), one.pid, other.pid)))


def test_only_what_was_asked_for_is_answered(strategy: str | None) -> None:
    with listening() as held, listening() as other:
        search = find_owners(want(inode_of(held)), strategy=strategy)
        assert inode_of(other) not in search.holders


def test_more_sockets_than_the_kernel_filters_for(strategy: str | None) -> None:
    with listening() as held:
        many = want(inode_of(held), *range(1 << 40, (1 << 40) + 9000))
        assert seen(find_owners(many, strategy=strategy), held) == (os.getpid(),)


def test_a_socket_in_flight_has_no_owner(strategy: str | None) -> None:
    with holder() as other:
        with listening() as held:
            inode = inode_of(held)
            other.give(held)
        search = find_owners(want(inode), strategy=strategy)
        assert search.holders == {}
        assert search.certainty(inode) is nobody(search)


TAKES = """
import array, socket, sys
channel = socket.socket(fileno=int(sys.argv[1]))
print("ready", flush=True)
for order in sys.stdin:
    _, rights, _, _ = channel.recvmsg(1, socket.CMSG_SPACE(4))
    held = array.array("i", rights[0][2])
    print("taken", flush=True)
"""


def test_a_socket_that_was_handed_over_is_held_by_the_receiver(strategy: str | None) -> None:
    with holder(TAKES) as other:
        with listening() as held:
            inode = inode_of(held)
            other.give(held)
            assert other.tell("take it") == "taken"
        assert find_owners(want(inode), strategy=strategy).holders == {inode: (other.pid,)}


LEADER_ENDS = f"""
import ctypes, os, sys, threading
def stay():
    state = ""
    while state != "Z":
        state = open(f"/proc/{{os.getpid()}}/stat").read().rpartition(") ")[2][0]
    print("ready", flush=True)
    sys.stdin.read()
    os._exit(0)
threading.Thread(target=stay).start()
ctypes.CDLL(None).syscall({EXIT}, 0)
"""


# The directory of such a process belongs to root, whoever runs it.
@pytest.mark.root
def test_a_process_lives_on_when_its_first_thread_has_ended(strategy: str | None) -> None:
    with listening() as held, holder(LEADER_ENDS, held) as other:
        found = seen(find_owners(want(inode_of(held)), strategy=strategy), held)
        assert found == tuple(sorted((os.getpid(), other.pid)))


OWN_TABLE = """
import ctypes, os, socket, sys, threading
CLONE_FILES = 0x400
def stay():
    assert ctypes.CDLL(None).unshare(CLONE_FILES) == 0
    held = socket.create_server(("127.0.0.1", 0))
    print("ready", os.fstat(held.fileno()).st_ino, sep="\\n", flush=True)
    sys.stdin.read()
threading.Thread(target=stay).start()
"""


def test_a_thread_may_have_descriptors_of_its_own(strategy: str | None) -> None:
    with holder(OWN_TABLE) as other:
        inode = int(other.line())
        assert find_owners(want(inode), strategy=strategy).holders == {inode: (other.pid,)}


SHARED_TABLE = f"""
import ctypes, os, socket, sys
CLONE_FILES, SIGCHLD = 0x400, 17
child = ctypes.CDLL(None).syscall({CLONE}, CLONE_FILES | SIGCHLD, 0, 0, 0, 0)
if child:
    held = socket.create_server(("127.0.0.1", 0))
    print("ready", os.fstat(held.fileno()).st_ino, child, sep="\\n", flush=True)
sys.stdin.read()
os._exit(0)
"""


def test_two_processes_may_share_all_their_descriptors(strategy: str | None) -> None:
    with holder(SHARED_TABLE) as other:
        inode, child = int(other.line()), int(other.line())
        search = find_owners(want(inode), strategy=strategy)
        assert search.holders == {inode: tuple(sorted((other.pid, child)))}


ZOMBIE = """
import os, sys
child = os.fork()
if not child:
    os._exit(0)
os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
print("ready", child, sep="\\n", flush=True)
sys.stdin.read()
"""


def test_a_zombie_holds_nothing(strategy: str | None) -> None:
    with listening() as held, holder(ZOMBIE, held) as other:
        other.line()
        found = seen(find_owners(want(inode_of(held)), strategy=strategy), held)
        assert found == tuple(sorted((os.getpid(), other.pid)))


CHURN = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0))).start()
print("ready", flush=True)
while True:
    child = os.posix_spawn("/bin/true", ["true"], {})
    copies = [os.dup(0) for _ in range(50)]
    os.waitpid(child, 0)
    for copy in copies[::-1]:
        os.close(copy)
"""


def test_what_stays_is_found_while_others_come_and_go(strategy: str | None) -> None:
    with listening() as held, holder(CHURN, held) as other, ExitStack() as sockets:
        mine = [sockets.enter_context(socket.socket()) for _ in range(40)]
        wanted = want(inode_of(held), *map(inode_of, mine))
        for _ in range(8):
            search = find_owners(wanted, strategy=strategy)
            assert {os.getpid(), other.pid} <= set(seen(search, held))
            assert all(seen(search, each) == (os.getpid(),) for each in mine)


def test_a_socket_with_a_gap_below_it_is_found(strategy: str | None) -> None:
    with ExitStack() as sockets:
        many = [sockets.enter_context(socket.socket()) for _ in range(300)]
        for each in many[:250:2]:
            each.close()
        left = [each for each in many if each.fileno() >= 0]
        search = find_owners(want(*map(inode_of, left)), strategy=strategy)
        assert all(seen(search, each) == (os.getpid(),) for each in left)


# An odd name, and for root the effective user is another than the real one.
RENAMED = """
import os, sys
open("/proc/self/comm", "wb").write(b"a) (b\\xff")
if os.geteuid() == 0:
    os.seteuid(65534)
print("ready", flush=True)
sys.stdin.read()
"""


def test_what_is_learned_of_a_process_on_the_way_is_what_proc_says(strategy: str | None) -> None:
    with listening() as held, holder(RENAMED, held) as other:
        search = find_owners(want(inode_of(held)), strategy=strategy)
        both = {pid: read_brief(pid) for pid in (os.getpid(), other.pid)}
    assert search.briefs in ({}, both)
    assert both[other.pid].name == "a) (b\udcff"


def test_of_a_socket_that_nobody_holds_every_way_says_the_same() -> None:
    refused = refusal()
    ways = [each for each in STRATEGIES if each != "bpf" or not refused]
    with holder() as other:
        with listening() as held:
            inode = inode_of(held)
            other.give(held)
        told = {way: find_owners(want(inode), strategy=way).certainty(inode) for way in ways}
    assert len(set(told.values())) == 1, told


@pytest.mark.root
def test_nobody_is_sure_where_a_process_cannot_be_looked_into(strategy: str | None) -> None:
    unreadable = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if refuses(pid)]
    search = find_owners(want(1 << 40), strategy=strategy)
    assert (search.hidden_processes > 0) == bool(unreadable)
    if unreadable:
        assert search.certainty(1 << 40) is Certainty.HIDDEN


def refuses(pid: int) -> bool:
    try:
        for descriptor in os.listdir(f"/proc/{pid}/fd"):
            os.readlink(f"/proc/{pid}/fd/{descriptor}")
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def test_nothing_wanted_is_nothing_found(strategy: str | None) -> None:
    assert find_owners({}, strategy=strategy).holders == {}


def test_the_namespace_of_a_socket_is_learned_from_the_kernel() -> None:
    if why := refusal():
        pytest.skip(f"needs root: {why}")
    with listening() as held:
        search = find_owners(want(inode_of(held)), strategy="bpf")
    assert search.namespaces == {os.stat("/proc/self/ns/net").st_ino: os.getpid()}


def test_the_narrow_search_says_that_it_stopped_early() -> None:
    with listening() as held, holder(WAITING, held):
        search = find_owners(want(inode_of(held)), strategy="narrowed")
        assert seen(search, held)
        assert search.certainty(inode_of(held)) is Certainty.AT_LEAST_ONE


def test_the_narrow_search_looks_at_everybody_for_what_nobody_has() -> None:
    with listening() as held:
        missing = SocketHint(os.geteuid())
        search = find_owners({**want(inode_of(held)), 1 << 40: missing}, strategy="narrowed")
        assert search.holders == {inode_of(held): (os.getpid(),)}
        assert search.certainty(inode_of(held)) is Certainty.SEEN
    assert search.certainty(1 << 40) is nobody(search)


def test_an_unknown_way_is_refused_and_the_known_are_named() -> None:
    with pytest.raises(BadInput, match="cache"):
        find_owners(want(1), strategy="guess")


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    """Leave to open more than the 1024 that a login usually allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2048:
        pytest.skip(f"a process may have no more than {hard} descriptors here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2048), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_descriptors")
def test_why_the_best_way_was_not_used_is_told() -> None:
    with ExitStack() as sockets:
        for _ in range(1100):
            sockets.enter_context(socket.socket())
        search = find_owners(want(1))
    if refusal():
        assert search.strategy in ("cache", "full")
        assert search.refused
    else:
        assert search.strategy == "bpf"


def test_another_root_of_proc_is_never_answered_by_the_kernel_or_from_memory() -> None:
    with listening() as held, holder(WAITING, held) as other:
        search = find_owners(want(inode_of(held)), proc=f"/proc/{os.getpid()}/root/proc")
        assert search.strategy in ("cache", "full")
        assert seen(search, held) == tuple(sorted((os.getpid(), other.pid)))


def test_an_ended_process_is_no_holder_any_more(strategy: str | None) -> None:
    with listening() as held:
        with holder(WAITING, held) as other:
            find_owners(want(inode_of(held)), strategy=strategy)
        wait_until(lambda: not os.path.exists(f"/proc/{other.pid}"))
        assert seen(find_owners(want(inode_of(held)), strategy=strategy), held) == (os.getpid(),)

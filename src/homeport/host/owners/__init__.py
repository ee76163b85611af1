"""Who holds which socket: chooses, among the ways of finding out, the best that is allowed here.

Every way gives the same answer. What this user may not see is stated, never guessed.
"""

from __future__ import annotations

import sys

from homeport.host.owners.scan import (
    Scan,
    View,
    holds_many,
    look_into,
    pids,
    refusing,
    second_look,
    view,
)
from homeport.host.owners.search import OwnerSearch, SocketHint
from homeport.host.privileges import in_first_pid_namespace
from homeport.model.errors import BadInput, HomeportError
from homeport.model.process import Certainty

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Wanted = Mapping[int, SocketHint]

__all__ = ["STRATEGIES", "OwnerSearch", "SocketHint", "find_owners"]

STRATEGIES = ("bpf", "cache", "narrowed", "full")
"""Their names, the best first; `narrowed` stops early, and is only used when asked for."""


_BATCH = 16
# What reading links may cost before a program for the kernel (1 ms, and 2 to 4 ms to import ctypes)
# or a file of memories is cheaper: in descriptors, of which each is 4 µs.
_MANY = 1000


def find_owners(wanted: Wanted, *, strategy: str | None = None, proc: str = "/proc") -> OwnerSearch:
    """All holders of the sockets whose inodes are the keys of `wanted`.

    `strategy` is one of `STRATEGIES`; None chooses. Raises BadInput for another name, and what
    stands in the way when `bpf` was asked for by name. Linux, with `proc` as the root of proc(5).
    """
    if strategy is None:
        return _best(wanted, proc)
    if strategy == "bpf":
        return _by_kernel(wanted)
    if strategy == "cache":
        return _by_memory(wanted, view(proc), pids(proc))
    if strategy == "narrowed":
        return _by_likelihood(wanted, proc)
    if strategy == "full":
        return _by_scan(wanted, view(proc), pids(proc))
    raise BadInput(f"no way to find owners is called {strategy}", next_step=", ".join(STRATEGIES))


def _best(wanted: Wanted, proc: str) -> OwnerSearch:
    seen_from, among = view(proc), pids(proc)
    if not holds_many(seen_from, among, _MANY if "ctypes" not in sys.modules else _MANY // 4):
        return _by_scan(wanted, seen_from, among)
    from homeport.host.owners.bpf import refusal

    refused = refusal() if proc == "/proc" else f"{proc} need not be this machine"
    if refused is None:
        try:
            return _by_kernel(wanted)
        except HomeportError as error:
            refused = str(error)
    return _by_memory(wanted, seen_from, among)._replace(refused=(f"bpf: {refused}",))


def _by_kernel(wanted: Wanted) -> OwnerSearch:
    from homeport.host.owners.bpf import find

    found = find(wanted.keys())
    answer = OwnerSearch(
        holders=found.holders,
        strategy="bpf",
        everything_seen=True,
        briefs=found.briefs,
        namespaces=found.namespaces,
    )
    unseen = {inode: wanted[inode] for inode in wanted.keys() - found.holders.keys()}
    return _with_what_is_refused(answer, unseen) if unseen else answer


def _with_what_is_refused(answer: OwnerSearch, unseen: Wanted) -> OwnerSearch:
    """The same, less sure of sockets without a holder where processes cannot be looked into.

    What keeps even root out of a process may keep it out of the kernel's walk, too: a container,
    or a sandbox around the whole machine.
    """
    # A process of which the walk has shown a socket is not kept out of it.
    tried = refusing(but_for=answer.pids())
    inferred = _inferred(unseen, tried, "/proc")
    return answer._replace(
        holders={**answer.holders, **inferred},
        everything_seen=_sees_everything(tried, "/proc"),
        hidden_processes=len(tried.hidden),
        doubts=dict.fromkeys(inferred, Certainty.INFERRED),
    )


def _by_memory(wanted: Wanted, seen_from: View, among: Sequence[int]) -> OwnerSearch:
    from homeport.host.owners.cache import Remembering, keep, remembered, some_are_tickless

    here = seen_from.proc == "/proc"
    old = remembered() if here else None
    look = Remembering(old or {}, counted=seen_from.counted, tickless=some_are_tickless())
    found = look_into(among, seen_from, look)
    if here:
        # What is not written is read again the next time: let that be little.
        keep(look.entries, changed=look.read * 16 > look.descriptors)
    return _answer(wanted, found, seen_from, "cache" if old is not None else "full")


def _by_scan(wanted: Wanted, seen_from: View, among: Sequence[int]) -> OwnerSearch:
    return _answer(wanted, look_into(among, seen_from), seen_from, "full")


def _by_likelihood(wanted: Wanted, proc: str) -> OwnerSearch:
    """Look where holders are likely, until each socket has one."""
    from homeport.host.owners.cgroup import likely_first

    seen_from, found = view(proc), Scan({}, frozenset(), frozenset())
    missing = set(wanted)
    order = likely_first(wanted, pids(proc), proc)
    for at in range(0, len(order), _BATCH):
        found = _both(found, look_into(order[at : at + _BATCH], seen_from))
        missing.difference_update(*found.sockets.values())
        if not missing:
            break
    else:
        return _answer(wanted, found, seen_from, "narrowed")
    holders = join(found.sockets, wanted)
    return OwnerSearch(
        holders=holders,
        strategy="narrowed",
        everything_seen=False,
        hidden_processes=len(found.hidden),
        doubts=dict.fromkeys(holders, Certainty.AT_LEAST_ONE),
    )


def _answer(wanted: Wanted, found: Scan, seen_from: View, strategy: str) -> OwnerSearch:
    """What a complete scan means, after a second look for what it may have missed."""
    holders = join(found.sockets, wanted)
    unseen = {inode: wanted[inode] for inode in wanted.keys() - holders.keys()}
    if any(seen_from.uid in (None, hint.uid) or hint.uid is None for hint in unseen.values()):
        found = _both(found, second_look(found, seen_from))
        holders = join(found.sockets, wanted)
        unseen = {inode: wanted[inode] for inode in wanted.keys() - holders.keys()}
    inferred = _inferred(unseen, found, seen_from.proc)
    return OwnerSearch(
        holders={**holders, **inferred},
        strategy=strategy,
        everything_seen=_sees_everything(found, seen_from.proc),
        hidden_processes=len(found.hidden),
        doubts=dict.fromkeys(inferred, Certainty.INFERRED),
    )


def _inferred(unseen: Wanted, found: Scan, proc: str) -> dict[int, tuple[int, ...]]:
    if not unseen or not found.hidden:
        return {}
    from homeport.host.owners.cgroup import candidates

    return candidates(unseen, found.hidden, proc)


def _both(first: Scan, second: Scan) -> Scan:
    sockets = dict(first.sockets)
    for pid, held in second.sockets.items():
        sockets[pid] = [*sockets.get(pid, ()), *held]
    return Scan(sockets, first.looked_at | second.looked_at, first.hidden | second.hidden)


def join(sockets: Mapping[int, Sequence[int]], wanted: Wanted) -> dict[int, tuple[int, ...]]:
    """Turn "process holds sockets" into "wanted socket is held by"."""
    holders: dict[int, tuple[int, ...]] = {}
    keys = wanted.keys()
    for pid in sorted(sockets):
        for inode in keys & sockets[pid]:
            holders[inode] = (*holders.get(inode, ()), pid)
    return holders


def _sees_everything(found: Scan, proc: str) -> bool:
    """Whether no process of this machine stayed out of sight.

    In a pid namespace of its own, or under `hidepid`, others are there that are not even listed.
    """
    return not found.hidden and 1 in found.looked_at and in_first_pid_namespace(proc)

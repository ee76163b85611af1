"""Whether a server comes and goes: the port is looked at again and again, where that is in doubt.

A check of a healthy service must not wait for that. So who answers is watched only where somebody
starts it who may well start it again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.host.clock import MILLISECOND_NS, Clock
from homeport.model.snapshot import Query
from homeport.see.diagnose.case import Case, Outcome, Sighting
from homeport.see.snapshot import take

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.model.snapshot import Snapshot

_WATCH_NS = 1_200_000_000
_LOOK_EVERY_NS = 50_000_000
_YOUNG_NS = 3_000_000_000
_SETTLED_NS = 1_200_000_000


def watched(case: Case, seen_by_client: Callable[[Snapshot], Snapshot]) -> Case:
    """The case with what was seen of the port for a little over a second, where that may matter."""
    answers = case.talk is not None and case.talk.healthy
    for_ns = _while_it_answers_ns(case) if answers else _while_it_fails_ns(case)
    if for_ns <= 0:
        return case
    return case._replace(sightings=_sightings(case, for_ns, seen_by_client))


def _while_it_fails_ns(case: Case) -> int:
    """How long to look: the talk has taken its part of that."""
    if case.outcomes(Outcome.REFUSED) or (case.listener is not None and case.now is None):
        return _WATCH_NS
    if not _just_started(case) or case.after is None:
        return 0
    return _WATCH_NS - (case.after.taken_ns - case.snapshot.taken_ns)


def _just_started(case: Case) -> bool:
    owners = () if case.listener is None else case.listener.owners
    started = [owner.started_ns or 0 for owner in owners]
    return bool(started) and case.snapshot.taken_ns - max(started) < _YOUNG_NS


def _while_it_answers_ns(case: Case) -> int:
    """A crash loop never grows old: the rest of the time until the oldest owner is settled."""
    if case.listener is None:  # it has appeared between our first look and our connection
        return _SETTLED_NS if case.is_loopback else 0
    if not _may_be_restarted(case):
        return 0
    started = [owner.started_ns or 0 for owner in case.listener.owners]
    return _SETTLED_NS - (case.snapshot.taken_ns - min(started, default=0))


def _may_be_restarted(case: Case) -> bool:
    """Whether it was started by somebody who names its port, too, and does not hold it: a loop."""
    owners = () if case.listener is None else case.listener.owners
    holding = {owner.pid for owner in owners}
    parents = [owner.ancestry[0] for owner in owners if owner.ancestry]
    number = re.compile(rf"(?<!\d){case.port}(?!\d)")
    return any(each.pid not in holding and number.search(" ".join(each.argv)) for each in parents)


def _sightings(
    case: Case, for_ns: int, seen_by_client: Callable[[Snapshot], Snapshot]
) -> tuple[Sighting, ...]:
    clock = Clock()
    began_ns = clock.monotonic_ns()
    seen: list[Sighting] = []
    query = Query(connections=False, udp=False, unix=False, owners=False, facts=False)
    inode = None if case.listener is None else case.listener.inode
    while (passed_ns := clock.monotonic_ns() - began_ns) < for_ns:
        now = case._replace(snapshot=seen_by_client(take(query)))
        there = [each.inode for each in now.served_by]
        # Of several that share the port, the one that was seen before counts for as long as it is.
        inode = inode if inode in there else next(iter(there), None)
        if not seen or seen[-1].inode != inode:
            seen.append(Sighting(passed_ns // MILLISECOND_NS, inode))
        clock.wait((), _LOOK_EVERY_NS)
    return tuple(seen)

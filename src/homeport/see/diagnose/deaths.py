"""Which process that the kernel's log tells of was the server: by pid, or by what it has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.identity import Sureness
from homeport.model.record import NamedTuple
from homeport.model.sockets import TcpState

if TYPE_CHECKING:
    from homeport.host.kernel_log import Died
    from homeport.see.diagnose.case import Case

_LEFT_NS = 60_000_000_000
_SECOND_NS = 1_000_000_000
_LEFT = {
    TcpState.TIME_WAIT,
    TcpState.FIN_WAIT_1,
    TcpState.FIN_WAIT_2,
    TcpState.CLOSE_WAIT,
}


class Found(NamedTuple):
    """A death, what links it with the port, and how sure that is."""

    died: Died
    link: str
    sureness: Sureness


def the_death(case: Case) -> Found | None:
    """The latest death that something links with the port; a death alone links nothing."""
    known = _known_pids(case)
    for died in case.deaths or ():
        if died.death.pid in known:
            link = f"pid {died.death.pid} listened on port {case.port}: {known[died.death.pid]}"
            return Found(died, link, Sureness.SURE)
    left = _left_over(case)
    recent = [each for each in case.deaths or () if each.ago_ns < _LEFT_NS]
    if not left or not recent:
        return None
    link = f"{left} connections of port {case.port} are left over, of a server that ended just now"
    return Found(recent[0], link, Sureness.LIKELY)


def _known_pids(case: Case) -> dict[int, str]:
    """The pids that have listened there of late, and how that is known."""
    before = {
        owner.pid: "it did when this check began" for each in case.here for owner in each.owners
    }
    past = {
        each.pid: "the history tells so"
        for each in (case.history or ())[:3]
        if each.pid is not None
        and each.closed_ns is not None
        and case.snapshot.taken_ns - each.closed_ns < 10 * _LEFT_NS
    }
    return {**past, **before}


def _left_over(case: Case) -> int:
    """How many connections tell that somebody served the port until a moment ago."""
    own = case.own_netns
    return sum(
        case.port in (each.local_port, each.remote_port) and each.state in _LEFT
        for each in case.snapshot.connections
        if not own or each.netns in own
    )


def told_deaths(case: Case, pids: frozenset[int], within_ns: int) -> tuple[str, ...]:
    """What the kernel's log says of processes; of all where none is named."""
    return tuple(
        f"{each.ago_ns // _SECOND_NS} s ago {each.death.name} (pid {each.death.pid}) died: "
        f"{each.death.why}"
        for each in case.deaths or ()
        if each.death.pid in pids and each.ago_ns <= within_ns
    )

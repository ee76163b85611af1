"""What confines client and server where no firewall's list shows it, and how it is looked at.

BPF programs of their cgroups, denials of security modules, tables of connections, policy routing,
resolvers, and what kind of machine this is. It is looked at only where something is wrong.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from homeport.model.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.host.confined import Confinement, Program
    from homeport.host.conntrack import Tracking
    from homeport.host.traffic_control import Crossing
    from homeport.see.diagnose.case import Attempt, Case
    from homeport.wire.conntrack import Refusals
    from homeport.wire.denials import Denied
    from homeport.wire.policy_routing import PolicyRule, Way
    from homeport.wire.unit_limits import UnitLimits

_RECENT_NS = 600_000_000_000
_MOST = 4

Result = TypeVar("Result")


class Within(Protocol):
    """Calls a function in the client's network namespace."""

    def __call__(self, function: Callable[[], Result]) -> Result:
        """What it returns there."""
        ...


class Dropping(NamedTuple):
    """A program of a process that would drop the `request` or the `answer` of our connection."""

    program: Program
    pid: int
    packet: str


class Confines(NamedTuple):
    """What was seen of it; None, or nothing, where it was not looked at or is hidden.

    `client` is what confines whoever connected, `asker` the client whose eyes these are, `servers`
    who should answer, or runs and should listen. `dropping` are the programs of theirs that drop
    our packets when the kernel shows one to them. `refused` is how often the table of connections
    had no room meanwhile. `ways` are where addresses are sent that are not this machine's, and
    `tunnels` those of their interfaces that lead into a VPN. `crossing` is the interface that a
    connection went through which timed out.
    """

    client: Confinement | None = None
    asker: Confinement | None = None
    servers: tuple[Confinement, ...] = ()
    dropping: tuple[Dropping, ...] = ()
    limits: tuple[UnitLimits, ...] = ()
    denials: tuple[Denied, ...] | None = None
    tracking: Tracking | None = None
    refused: Refusals | None = None
    rules: tuple[PolicyRule, ...] | None = None
    ways: tuple[Way, ...] = ()
    tunnels: tuple[str, ...] = ()
    crossing: Crossing | None = None
    nameservers: tuple[str, ...] = ()
    kernel: str = ""

    @property
    def of_windows(self) -> bool:
        """Whether this Linux runs below Windows (WSL2): its kernel is Microsoft's."""
        return "microsoft" in self.kernel.lower()


def confines(case: Case, refused: Refusals | None, within: Within) -> Confines:
    """Looks, in the client's network namespace where that matters."""
    from homeport.host.conntrack import tracking
    from homeport.host.kernel_log import denials

    client, asker, servers = _confined(case)
    found = Confines(
        client=client,
        asker=asker,
        servers=servers,
        limits=_limits([client, asker, *servers]),
        denials=denials(_RECENT_NS),
        tracking=within(tracking),
        refused=refused,
        nameservers=_nameservers(case.client.root),
        kernel=os.uname().release if hasattr(os, "uname") else "",
    )
    found = within(partial(_routed, case, _with_dropping(case, found)))
    return _crossed(case, found, within)


def _confined(
    case: Case,
) -> tuple[Confinement, Confinement | None, tuple[Confinement, ...]]:
    from homeport.host.confined import confinement

    owners = [owner.pid for each in case.served_by for owner in each.owners]
    pids = dict.fromkeys(owners or [each.pid for each in case.naming])
    asker = None if case.client.own else confinement(case.client.pid)
    return confinement(os.getpid()), asker, tuple(map(confinement, list(pids)[:_MOST]))


def _limits(confined: list[Confinement | None]) -> tuple[UnitLimits, ...]:
    from homeport.host.unit_limits import unit_limits
    from homeport.wire.cgroup import cgroup_facts

    paths = [each.cgroup for each in confined if each is not None and each.cgroup]
    units = [cgroup_facts(path).unit for path in paths]
    found = [unit_limits(each) for each in dict.fromkeys(units) if each]
    return tuple(each for each in found if each is not None)


def _with_dropping(case: Case, found: Confines) -> Confines:
    from homeport.host.confined import drops
    from homeport.see.diagnose.case import Outcome
    from homeport.wire.frames import syn

    late = case.outcomes(Outcome.TIMED_OUT)
    reached = case.connected
    wanted = next(iter(late), None) if reached is None else reached
    if wanted is None or (reached is not None and found.asker is None):
        return found
    there = wanted.address.partition("%")[0]
    here = _source(case, there)
    port = case.machine.policy.assigned.first if case.machine.policy else 40000
    request = syn((here, port), (there, case.port))
    answer = syn((there, case.port), (here, port), answers=True)
    client = found.client if reached is None else found.asker
    shown = [(client, "egress", request), (client, "ingress", answer)]
    for each in found.servers if reached is None else ():
        shown += [(each, "ingress", request), (each, "egress", answer)]
    dropping = [
        Dropping(program, confined.pid, "request" if frame is request else "answer")
        for confined, hook, frame in shown
        if confined is not None
        for program in confined.programs or ()
        if program.hook == hook and drops(program, frame)
    ]
    return found._replace(dropping=tuple(dropping))


def _source(case: Case, target: str) -> str:
    """From which address the kernel connects to another: to its own from itself."""
    from homeport.model.address import Scope, is_ipv6, scope_of

    if target.startswith("127."):
        return "127.0.0.1"
    own = [each.address for each in case.machine.addresses]
    if target in own or scope_of(target) is Scope.LOOPBACK:
        return target
    alike = [each for each in own if is_ipv6(each) is is_ipv6(target)]
    return next((each for each in alike if scope_of(each) is not Scope.LOOPBACK), target)


def _routed(case: Case, found: Confines) -> Confines:
    """With rules and ways, where an address that is not of loopback was not reached."""
    from homeport.host.policy_routing import is_tunnel, policy_rules, way_to

    outside = [each.address for each in case.attempts if _was_lost(case, each)]
    if not outside:
        return found
    ways = [way_to(each) for each in outside]
    known = tuple(each for each in ways if each is not None)
    tunnels = tuple(each.interface for each in known if is_tunnel(each.interface))
    return found._replace(rules=policy_rules(), ways=known, tunnels=tunnels)


def _crossed(case: Case, found: Confines, within: Within) -> Confines:
    from homeport.host.traffic_control import crossing
    from homeport.see.diagnose.case import Outcome

    late = case.outcomes(Outcome.TIMED_OUT)
    if case.connected is not None or not late:
        return found
    way = next((each for each in found.ways if each.address == late[0].address), None)
    interface = "lo" if way is None else way.interface
    return found._replace(crossing=within(partial(crossing, interface)))


def _was_lost(case: Case, attempt: Attempt) -> bool:
    from homeport.see.diagnose.case import Outcome

    return attempt.outcome not in (Outcome.CONNECTED, Outcome.REFUSED) and not case.is_loopback


def _nameservers(root: str) -> tuple[str, ...]:
    from homeport.wire.resolv_conf import parse_nameservers

    try:
        with open(f"{root}etc/resolv.conf", "rb") as file:
            return parse_nameservers(file.read(1 << 16))
    except OSError:
        return ()

"""Observes one service from both sides, in the order in which a client meets the layers.

Nothing is changed: the one conversation is what the client itself would say.
"""

from __future__ import annotations

import errno
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from homeport.host import kernel, netns
from homeport.host.clock import MILLISECOND_NS, Clock
from homeport.host.firewall import firewall_rules
from homeport.host.naming import processes_naming
from homeport.host.processes import ProcessReader
from homeport.host.project_files import compose_file_with
from homeport.host.pulse import process_pulse, tcp_counters
from homeport.host.resolver import Resolution, resolve
from homeport.model.address import parse_address
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.errors import BadInput, HomeportError
from homeport.model.record import NamedTuple
from homeport.model.snapshot import Query
from homeport.model.target import Target
from homeport.see.diagnose.case import (
    Attempt,
    Case,
    Firewall,
    Machine,
    Outcome,
    Sighting,
    Talk,
)
from homeport.see.diagnose.catalog import dialect
from homeport.see.diagnose.surroundings import with_surroundings
from homeport.see.events.history import before
from homeport.see.explain.bound import bound_sockets
from homeport.see.explain.doors import bind_answers
from homeport.see.explain.facts import gather as known_facts
from homeport.see.snapshot import take

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.host.client import Client
    from homeport.host.pulse import ProcessPulse
    from homeport.model.process import Process
    from homeport.model.snapshot import Namespace, Snapshot
    from homeport.model.sockets import Listener
    from homeport.wire.exchange import Conversation
    from homeport.wire.net_counters import Counters
    from homeport.wire.nftables import FirewallRule
    from homeport.wire.service_url import Service

CONNECT_S = 1.0
"""Loopback takes 0.1 ms. The first retransmission of a SYN comes after a second (RFC 6298)."""

TALK_S = 2.5
_WATCH_NS = 1_200_000_000
_LOOK_EVERY_NS = 50_000_000
_YOUNG_NS = 3_000_000_000
_MOST_ADDRESSES = 4

Result = TypeVar("Result")

_OUTCOMES = {
    None: Outcome.CONNECTED,
    errno.ECONNREFUSED: Outcome.REFUSED,
    errno.ETIMEDOUT: Outcome.TIMED_OUT,
    errno.EHOSTUNREACH: Outcome.UNREACHABLE,
    errno.ENETUNREACH: Outcome.UNREACHABLE,
    errno.EADDRNOTAVAIL: Outcome.NO_ADDRESS,
}


class _Before(NamedTuple):
    """The kernel's counters and rules, before anything is tried."""

    counters: Counters | None
    rules: tuple[FirewallRule, ...]
    why_hidden: str | None


class _Within(NamedTuple):
    """Calls functions in the client's network namespace."""

    namespace: Namespace | None

    def __call__(self, function: Callable[[], Result]) -> Result:
        """What the function returns there."""
        if self.namespace is None:
            return function()
        return netns.in_namespace(self.namespace, function)


def gather(service: Service, who: Client) -> Case:
    """All that can be observed. Raises `HomeportError` where the kernel cannot be asked at all."""
    within = _Within(who.namespace)
    case = Case(
        service=service,
        client=who,
        resolution=within(partial(resolution_of, service, who)),
        machine=Machine(),
        snapshot=_seen_by(who, take(Query())),
    )
    case = case._replace(before_pulses=_pulses(case.listener))
    if case.resolution.error is not None:
        file = compose_file_with(service.host, who.cwd)
        return _looked_again(case._replace(compose_service=file), within(_counted), within)
    then = within(_counted)
    case = _tried(case)
    if case.talk is not None and case.talk.healthy:
        return case
    return with_surroundings(_looked_again(case, then, within))


def gather_binding(service: Service, who: Client) -> Case:
    """What stands in the way of listening there; nothing is bound or connected to."""
    within = _Within(who.namespace)
    snapshot = _seen_by(who, take(Query(unix=False)))
    facts = within(partial(known_facts, service.port))
    resolution = within(partial(resolution_of, service, who))
    wanted = next(iter(resolution.addresses), None)
    target = Target(address=wanted, port=service.port, transport=Transport.TCP)
    answers = bind_answers(snapshot, target, facts)
    return Case(
        service=service,
        client=who,
        resolution=resolution,
        machine=within(machine),
        snapshot=snapshot,
        bound=facts.bound,
        history=facts.history,
        binding=answers[:1] if wanted else (),
    )


def resolution_of(service: Service, who: Client) -> Resolution:
    """What the host stands for; an address stands for itself."""
    host, _, zone = service.host.partition("%")
    try:
        address = parse_address(host)
    except BadInput:
        return resolve(service.host, service.port, root=who.root)
    return Resolution(service.host, (f"{address}%{zone}" if zone else address,))


def _seen_by(who: Client, taken: Snapshot) -> Snapshot:
    """The snapshot with the client's network namespace as its own."""
    if who.namespace is None:
        return taken
    inode = who.namespace.inode
    return taken._replace(
        namespaces=tuple(each._replace(own=each.inode == inode) for each in taken.namespaces)
    )


def _counted() -> _Before:
    try:
        return _Before(tcp_counters(), firewall_rules(), None)
    except HomeportError as error:
        return _Before(tcp_counters(), (), str(error))


def _tried(case: Case) -> Case:
    """The attempts, and the conversation over the first connection that came about."""
    from homeport.host.talking import Place, call

    places = [
        Place(_endpoint(address, case.port), case.client.namespace)
        for address in case.addresses[:_MOST_ADDRESSES]
    ]
    if not places:
        return case
    dials, talk = call(places, _conversation(case), connect_s=CONNECT_S, budget_s=TALK_S)
    attempts = [
        Attempt(
            address,
            _OUTCOMES.get(dial.errno, Outcome.FAILED),
            dial.errno,
            dial.elapsed_ms,
        )
        for address, dial in zip(case.addresses, dials, strict=False)
    ]
    return case._replace(attempts=tuple(attempts), talk=talk)


def _endpoint(address: str, port: int) -> Endpoint:
    plain, _, zone = address.partition("%")
    return Endpoint(Transport.TCP, plain, port, zone or None)


def _conversation(case: Case) -> Conversation[Talk]:
    spoken = dialect(case.service.scheme)
    if spoken is not None:
        completed = spoken.completed
        service = case.service if completed is None else completed(case.service, case.client)
        return spoken.converse(service)
    from homeport.see.diagnose.unknown import converse

    return converse(case)


def _looked_again(case: Case, then: _Before, within: _Within) -> Case:
    """What else is worth a look once it is clear that something is wrong."""
    now = within(_counted)
    case = case._replace(
        machine=within(machine),
        after=_seen_by(case.client, take(Query(udp=False, unix=False))),
        pulses=_pulses(case.listener),
        counters=_grown(then.counters, now.counters),
        firewall=Firewall(then.rules, now.rules, then.why_hidden),
        bound=within(partial(bound_sockets, case.port)),
    )
    if case.listener is None:
        case = _with_past(case._replace(naming=_naming(case)))
    if case.outcomes(Outcome.REFUSED) or _just_started(case):
        case = case._replace(sightings=_watched(case))
    return case


def machine() -> Machine:
    """The calling thread's network namespace."""
    return Machine(
        addresses=kernel.own_addresses(),
        loopback_up=kernel.loopback_is_up(),
        ipv6=kernel.kernel_limits().ipv6,
        policy=kernel.port_policy(),
    )


def _grown(before: Counters | None, after: Counters | None) -> Counters | None:
    return None if before is None or after is None else after.since(before)


def _pulses(listener: Listener | None) -> tuple[ProcessPulse, ...]:
    owners = () if listener is None else listener.owners
    found = [process_pulse(owner.pid) for owner in owners]
    return tuple(each for each in found if each is not None)


def _naming(case: Case) -> tuple[Process, ...]:
    reader = ProcessReader()
    found = [reader.process(pid) for pid in processes_naming(case.port)]
    return tuple(each for each in found if each is not None and each.pid != case.client.pid)


def _with_past(case: Case) -> Case:
    try:
        return case._replace(history=before(case.port))
    except HomeportError as error:
        return case._replace(limits=(*case.limits, f"The history was not read: {error}"))


def _just_started(case: Case) -> bool:
    listener = case.listener
    started = [] if listener is None else [owner.started_ns or 0 for owner in listener.owners]
    return bool(started) and case.snapshot.taken_ns - max(started) < _YOUNG_NS


def _watched(case: Case) -> tuple[Sighting, ...]:
    """Looks at the port again and again, for a little over a second: it may come and go."""
    clock = Clock()
    began_ns = clock.monotonic_ns()
    seen: list[Sighting] = []
    query = Query(connections=False, udp=False, unix=False, owners=False, facts=False)
    while (passed_ns := clock.monotonic_ns() - began_ns) < _WATCH_NS:
        now = case._replace(snapshot=_seen_by(case.client, take(query)))
        inode = now.listener.inode if now.listener else None
        if not seen or seen[-1].inode != inode:
            seen.append(Sighting(passed_ns // MILLISECOND_NS, inode))
        clock.wait((), _LOOK_EVERY_NS)
    return tuple(seen)

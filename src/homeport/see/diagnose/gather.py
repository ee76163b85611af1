"""Observes one service from both sides, in the order in which a client meets the layers.

Nothing is changed: the one conversation is what the client itself would say.
"""

from __future__ import annotations

import errno
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from homeport.host import conntrack, kernel, netns
from homeport.host.clock import Clock
from homeport.host.firewall import firewall_rules
from homeport.host.kernel_log import deaths
from homeport.host.naming import processes_naming
from homeport.host.processes import ProcessReader
from homeport.host.pulse import process_pulse, tcp_counters
from homeport.host.resolver import Resolution, resolve
from homeport.host.routes import dead_ends
from homeport.host.threads import thread_waits
from homeport.model.address import parse_address
from homeport.model.endpoint import Endpoint, Transport
from homeport.model.errors import BadInput, HomeportError
from homeport.model.home import HOME_PORTS
from homeport.model.record import NamedTuple
from homeport.model.snapshot import Query
from homeport.model.target import Target, is_localhost
from homeport.see.diagnose.case import (
    NO_HOME,
    Attempt,
    Case,
    Firewall,
    Machine,
    Outcome,
    Talk,
)
from homeport.see.diagnose.catalog import dialect
from homeport.see.diagnose.coming_and_going import watched
from homeport.see.diagnose.confines import confines
from homeport.see.diagnose.surroundings import with_surroundings
from homeport.see.explain.bound import bound_sockets
from homeport.see.explain.doors import bind_answers
from homeport.see.explain.facts import gather as known_facts
from homeport.see.snapshot import take
from homeport.wire.exchange import trusting

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.host.client import Client
    from homeport.host.pulse import ProcessPulse
    from homeport.host.threads import ThreadWait
    from homeport.model.home import Home
    from homeport.model.process import Process
    from homeport.model.snapshot import Namespace, Snapshot
    from homeport.wire.conntrack import Refusals
    from homeport.wire.exchange import Conversation
    from homeport.wire.net_counters import Counters
    from homeport.wire.nftables import FirewallRule
    from homeport.wire.service_url import Service

CONNECT_S = 1.0
"""Loopback takes 0.1 ms. The first retransmission of a SYN comes after a second (RFC 6298)."""

TALK_S = 2.5
_STUCK_NS = 250_000_000
_RECENT_NS = 600_000_000_000
_MOST_OWNERS = 16
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
    refusals: Refusals | None


class _Within(NamedTuple):
    """Calls functions in the client's network namespace."""

    namespace: Namespace | None

    def __call__(self, function: Callable[[], Result]) -> Result:
        """What the function returns there."""
        if self.namespace is None:
            return function()
        return netns.in_namespace(self.namespace, function)


def gather(service: Service, who: Client, home: Home = NO_HOME) -> Case:
    """All that can be observed. Raises `HomeportError` where the kernel cannot be asked at all."""
    within = _Within(who.namespace)
    case = Case(
        service=service,
        client=who,
        resolution=within(partial(resolution_of, service, who)),
        machine=Machine(),
        snapshot=_seen_by(who, take(Query())),
        home=home,
    )
    case = _as_a_browser(case)
    case = case._replace(before_pulses=_pulses(case))
    then = within(_counted)
    if case.resolution.error is not None:
        from homeport.host.project_files import compose_file_with

        file = compose_file_with(service.host, who.cwd)
        return _looked_again(case._replace(compose_service=file), None, then, within)
    seen: list[Case] = []
    case = _tried(case, seen.append)
    if case.talk is not None and case.talk.healthy:
        return _though_it_answers(case, within)
    return with_surroundings(_looked_again(case, seen[-1] if seen else None, then, within))


def _as_a_browser(case: Case) -> Case:
    """Names at Homeport's gateway are for browsers, which know them whatever the C library says."""
    found = case.resolution
    named = case.service.is_http and is_localhost(case.service.host)
    at_gateway = case.port in case.home.gateway_ports or case.port in HOME_PORTS
    if found.error is None or not named or not at_gateway:
        return case
    there = found._replace(addresses=("127.0.0.1",), error=None, code=None)
    return case._replace(resolution=there, as_browser=found.error)


def gather_binding(service: Service, who: Client, home: Home = NO_HOME) -> Case:
    """What stands in the way of listening there; nothing is bound or connected to."""
    within = _Within(who.namespace)
    snapshot = _seen_by(who, take(Query(unix=False)))
    facts = within(partial(known_facts, service.port))
    resolution = within(partial(resolution_of, service, who))
    wanted = next(iter(resolution.addresses), None)
    target = Target(address=wanted, port=service.port, transport=Transport.TCP)
    answers = bind_answers(snapshot, target, facts)
    case = Case(
        service=service,
        client=who,
        resolution=resolution,
        machine=within(machine),
        snapshot=snapshot,
        bound=facts.bound,
        history=facts.history,
        binding=answers[:1] if wanted else (),
        home=home,
    )
    return case._replace(confines=confines(case, None, within))


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
        return _Before(tcp_counters(), firewall_rules(), None, conntrack.refusals())
    except HomeportError as error:
        return _Before(tcp_counters(), (), str(error), conntrack.refusals())


def _tried(case: Case, see: Callable[[Case], None]) -> Case:
    """The attempts, and the conversation over the first connection that came about.

    Where it does not end well, the case is seen once more while the connection is still there.
    """
    from homeport.host.talking import Place, call

    places = [
        Place(_endpoint(address, case.port), case.client.namespace, case.client.uid)
        for address in case.addresses[:_MOST_ADDRESSES]
    ]
    if not places:
        return case

    def look(said: Talk | None) -> None:
        if said is None or not said.healthy:
            see(_during(case))

    dials, talk = call(
        places, _conversation(case), connect_s=CONNECT_S, budget_s=TALK_S, at_end=look
    )
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
        return _with_its_trust(spoken.converse(service), case.client)
    from homeport.see.diagnose.unknown import converse

    return converse(case)


def _with_its_trust(conversation: Conversation[Talk], who: Client) -> Conversation[Talk]:
    """Another client may trust other authorities than we do (OpenSSL's SSL_CERT_FILE)."""
    file = who.environment.get("SSL_CERT_FILE")
    if who.own or not file:
        return conversation
    return trusting(conversation, f"{who.root.rstrip('/')}{file}" if file[0] == "/" else file)


def _during(case: Case) -> Case:
    """What can be seen only while our connection exists: its other end, and who waits for what."""
    after = _seen_by(case.client, take(Query(udp=False, unix=False)))
    case = case._replace(after=after)
    return case._replace(pulses=_pulses(case), waits=_waits(case))


def _looked_again(case: Case, seen: Case | None, then: _Before, within: _Within) -> Case:
    """What else is worth a look once it is clear that something is wrong."""
    now = within(_counted)
    seen = seen or _during(case)
    case = case._replace(
        machine=within(machine),
        after=seen.after,
        pulses=seen.pulses,
        waits=seen.waits,
        counters=_grown(then.counters, now.counters),
        firewall=Firewall(then.rules, now.rules, then.why_hidden),
        bound=within(partial(bound_sockets, case.port)),
        naming=_naming(case),
        deaths=deaths(_RECENT_NS),
    )
    case = _with_later(case)
    refused = _refused(then.refusals, now.refusals)
    case = case._replace(confines=confines(case, refused, within))
    if case.listener is None or case.now is None:
        case = _with_past(case)
    return watched(case, partial(_seen_by, case.client))


def _though_it_answers(case: Case, within: _Within) -> Case:
    """What may be wrong all the same: another's server, one that ends in a moment, an old link."""
    case = _with_later(case._replace(naming=_naming(case)))
    if not case.client.own:  # it was us who came through, not that client
        case = case._replace(confines=confines(case, None, within))
    return watched(case, partial(_seen_by, case.client))


def _with_later(case: Case) -> Case:
    """A second look at the connections of the client whose eyes these are, if one seems stuck."""
    stuck = [each for each in case.of_client if each.send_queue]
    if not stuck:
        return case
    Clock().wait((), _STUCK_NS)
    later = _seen_by(case.client, take(Query(udp=False, unix=False, owners=False)))
    return case._replace(
        later=tuple(
            each for each in later.connections if case.port in (each.local_port, each.remote_port)
        )
    )


def machine() -> Machine:
    """The calling thread's network namespace."""
    return Machine(
        addresses=kernel.own_addresses(),
        loopback_up=kernel.loopback_is_up(),
        ipv6=kernel.kernel_limits().ipv6,
        policy=kernel.port_policy(),
        down=kernel.interfaces_down(),
        routes=dead_ends(),
        abort_on_overflow=kernel.aborts_on_overflow(),
    )


def _grown(before: Counters | None, after: Counters | None) -> Counters | None:
    return None if before is None or after is None else after.since(before)


def _refused(before: Refusals | None, after: Refusals | None) -> Refusals | None:
    return None if before is None or after is None else after.since(before)


def _owners(case: Case) -> tuple[int, ...]:
    """Who may take our connection, or has taken it."""
    holders = [owner for each in case.served_by for owner in each.owners]
    holders += [] if case.ours is None else case.ours.owners
    return tuple(dict.fromkeys(owner.pid for owner in holders))


def _pulses(case: Case) -> tuple[ProcessPulse, ...]:
    found = [process_pulse(pid) for pid in _owners(case)]
    return tuple(each for each in found if each is not None)


def _waits(case: Case) -> tuple[ThreadWait, ...]:
    return tuple(each for pid in _owners(case)[:_MOST_OWNERS] for each in thread_waits(pid))


def _naming(case: Case) -> tuple[Process, ...]:
    """Processes of the client's namespace that name the port, and are neither server nor client."""
    reader = ProcessReader()
    holders = {owner.pid for each in case.here for owner in each.owners}
    holders |= {
        owner.pid
        for each in case.snapshot.connections
        if each.remote_port == case.port
        for owner in each.owners
    }
    wanted = case.own_netns
    pids = [
        pid for pid in processes_naming(case.port) if pid != case.client.pid and pid not in holders
    ]
    there = {pid: netns.inode_of(pid) for pid in pids}
    found = [reader.process(pid) for pid in pids if there[pid] is None or there[pid] in wanted]
    return tuple(each for each in found if each is not None)


def _with_past(case: Case) -> Case:
    from homeport.see.events.history import before

    try:
        return case._replace(history=before(case.port))
    except HomeportError as error:
        return case._replace(limits=(*case.limits, f"The history was not read: {error}"))

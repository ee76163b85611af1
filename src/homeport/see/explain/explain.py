"""Joins everything that is known of an endpoint, a port, a name or a process into one answer."""

from __future__ import annotations

from homeport.model.address import Scope
from homeport.model.endpoint import Transport
from homeport.model.errors import NotFound
from homeport.model.explanation import (
    Explanation,
    Mention,
    NextStep,
    OtherMention,
    Subject,
    SubjectKind,
    Symptom,
)
from homeport.model.home import Home
from homeport.model.target import Target
from homeport.see.explain.addresses import address_facts, has_wider_reach
from homeport.see.explain.homes import held, is_gateway
from homeport.see.explain.names import capital, listed, process_words, who
from homeport.see.explain.ports import port_facts, ports_named
from homeport.see.explain.relations import own_namespaces
from homeport.see.explain.steps import next_steps, notes
from homeport.see.explain.verdicts import brief, verdict
from homeport.see.explain.view import view_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from homeport.model.explanation import AddressFacts
    from homeport.model.snapshot import Snapshot
    from homeport.model.sockets import Listener
    from homeport.see.explain.facts import Facts
    from homeport.see.explain.subject import Reading

_MOST_OTHERS = 8
_MOST_CANDIDATES = 12


def explain_text(
    text: str, look: Callable[[], Snapshot], home: Callable[[], Home] = Home
) -> Explanation:
    """Explains what was typed or pasted; `look` takes the snapshot, once the text can be read.

    `home` then tells what Homeport itself has here.
    """
    from homeport.host.kernel import services_file
    from homeport.see.explain.facts import gather
    from homeport.see.explain.subject import read

    reading = read(text)
    snapshot = look()
    subject = subject_of(reading, snapshot, services_file())
    port = None if subject.target is None else subject.target.port
    # A bare number is a port; that a process has the same number is worth a remark.
    same_number = port if subject.kind is SubjectKind.PORT else None
    facts = gather(port, subject.pid if subject.pid is not None else same_number)
    facts = facts._replace(home=home())
    return explained(subject, reading.mentions, snapshot, facts)


def subject_of(reading: Reading, snapshot: Snapshot, services: bytes | None) -> Subject:
    """What the text means, names being looked up among services, processes and projects.

    Raises `NotFound` for a name that nothing has.
    """
    if reading.pid is not None:
        return Subject(SubjectKind.PID, reading.asked, pid=reading.pid)
    if reading.name is not None:
        return _named(reading.name, reading.asked, snapshot, services)
    first = reading.mentions[0]
    if first.target is None:
        return Subject(SubjectKind.SYMPTOM, reading.asked, symptom=first.symptom)
    is_port = first.target == Target(port=first.target.port, transport=first.target.transport)
    kind = SubjectKind.PORT if is_port else SubjectKind.ENDPOINT
    return Subject(kind, reading.asked, first.target, first.symptom)


def _named(name: str, asked: str, snapshot: Snapshot, services: bytes | None) -> Subject:
    entries = ports_named(name, services)
    in_use = {(each.endpoint.port, _plain(each)) for each in snapshot.listeners}
    entry = next((each for each in entries if (each.port, each.transport) in in_use), None)
    holding = _held_by(name, snapshot)
    if entry is None and not holding:
        entry = next(iter(entries), None)
    if entry is not None:
        transport = Transport.UDP if entry.transport is Transport.UDP else None
        target = Target(port=entry.port, transport=transport)
        return Subject(SubjectKind.SERVICE, asked, target)
    if not holding:
        raise NotFound(
            f"nothing is called {name!r} here",
            why="no registered service, no process that listens, no project of one has that name",
            next_step="homeport ls shows what there is",
        )
    is_project = any(each.project and each.project.name == name for each in holding[0].owners)
    kind = SubjectKind.PROJECT if is_project else SubjectKind.PROCESS_NAME
    return Subject(kind, asked, _only_target(holding))


def _plain(listener: Listener) -> Transport:
    udp = listener.endpoint.transport is Transport.UDP
    return Transport.UDP if udp else Transport.TCP


def _held_by(name: str, snapshot: Snapshot) -> tuple[Listener, ...]:
    """The listeners of processes, projects or units of that name."""
    wanted = name.lower()
    return tuple(
        listener
        for listener in snapshot.listeners
        if any(
            wanted in (_lower(owner.name), _lower(owner.project and owner.project.name))
            or _lower(owner.unit) in (wanted, f"{wanted}.service")
            for owner in listener.owners
        )
    )


def _lower(text: str | None) -> str:
    return (text or "").lower()


def _only_target(holding: tuple[Listener, ...]) -> Target | None:
    """The one endpoint that a name stands for; None where it stands for several ports."""
    ports = {(each.endpoint.port, _plain(each)) for each in holding}
    if len(ports) > 1:
        return None
    port, transport = ports.pop()
    return Target(port=port, transport=Transport.UDP if transport is Transport.UDP else None)


def explained(
    subject: Subject, mentions: tuple[Mention, ...], snapshot: Snapshot, facts: Facts
) -> Explanation:
    """The answer. Raises `NotFound` for a pid that no process has."""
    if subject.target is not None and subject.target.port == 0:
        return _of_port_zero(subject, snapshot, facts)
    if subject.target is not None and subject.target.port is not None:
        return _of_port(subject, subject.target, mentions, snapshot, facts)
    if subject.kind is SubjectKind.PID:
        return _of_process(subject, snapshot, facts)
    if subject.target is not None:
        return _of_address(subject, subject.target, snapshot, facts)
    if subject.symptom is not None:
        return _of_symptom(subject, subject.symptom, snapshot, facts)
    return _of_several(subject, snapshot, facts)


def _of_port(
    subject: Subject,
    target: Target,
    mentions: tuple[Mention, ...],
    snapshot: Snapshot,
    facts: Facts,
) -> Explanation:
    snapshot = _about(snapshot, (target, *(each.target for each in mentions)))
    view = view_of(target, subject.symptom, snapshot, facts)
    return Explanation(
        subject=subject,
        verdict=capital(verdict(view)),
        taken_ns=snapshot.taken_ns,
        addresses=tuple(address_facts(each, facts.addresses) for each in target.addresses),
        port=port_facts(view.port, facts),
        listeners=view.found,
        clients=view.clients,
        outgoing=view.outgoing,
        lingering=view.lingering,
        binding=view.binding,
        history=facts.history,
        others=_others(mentions[1:], snapshot, facts),
        notes=(*notes(view, snapshot), *_pid_of_that_number(subject, facts)),
        next_steps=next_steps(view),
        limits=_limits(snapshot, facts),
        held=held(view),
        routes=facts.home.services if is_gateway(view) else (),
    )


def _about(snapshot: Snapshot, targets: Iterable[Target | None]) -> Snapshot:
    """The snapshot with the connections of these ports only: of 50,000 a handful is looked at."""
    from homeport.see.rows import Connections

    ports = frozenset(each.port for each in targets if each and each.port is not None)
    every = snapshot.connections
    if isinstance(every, Connections):
        return snapshot._replace(connections=every.of_ports(ports))
    of_ports = [each for each in every if {each.local_port, each.remote_port} & ports]
    return snapshot._replace(connections=of_ports)


def _pid_of_that_number(subject: Subject, facts: Facts) -> tuple[str, ...]:
    """A bare number is a port; a process of that number may be what was meant."""
    if facts.process is None or subject.kind is not SubjectKind.PORT:
        return ()
    process = facts.process
    words = f"There is also a process {process.pid}, {process.name or 'without a name'}"
    return (f"{words}: homeport explain pid:{process.pid}",)


def _others(
    mentions: tuple[Mention, ...], snapshot: Snapshot, facts: Facts
) -> tuple[OtherMention, ...]:
    targets = [each.target for each in mentions if each.target and each.target.port is not None]
    alone = facts._replace(bound=(), history=None)  # these were looked up for the first one only
    return tuple(
        OtherMention(target, brief(view_of(target, None, snapshot, alone)))
        for target in targets[:_MOST_OTHERS]
    )


def _limits(snapshot: Snapshot, facts: Facts) -> tuple[str, ...]:
    told = [*snapshot.limits, *facts.shortcomings]
    if facts.policy is None:
        told.append("This system does not tell from which range it assigns ports.")
    if facts.services is None:
        told.append(
            "There is no services database (/etc/services; Debian's package netbase brings it)."
        )
    if not facts.addresses:
        told.append("The addresses of this machine could not be read.")
    return tuple(told)


def _of_address(subject: Subject, target: Target, snapshot: Snapshot, facts: Facts) -> Explanation:
    """An address without a port: what it is, and what listens where it leads."""
    from homeport.model.endpoint import reaches

    own = own_namespaces(snapshot)
    found = [
        each
        for each in snapshot.listeners
        if (not own or each.netns in own)
        and any(
            reaches(each.endpoint.address, address, v6only=bool(each.v6only))
            for address in target.addresses
        )
    ]
    known = [address_facts(each, facts.addresses) for each in target.addresses]
    found.sort(key=lambda each: (each.uid not in facts.own_uids, each.endpoint.port))
    count = f"{len(found)} listeners answer" if len(found) > 1 else "One listener answers"
    answers = count if found else "Nothing that listens answers"
    reach = _reach_at(known[0], found, facts)
    return Explanation(
        subject=subject,
        verdict=f"{answers} at {target}, which is {known[0].scope}. {reach}",
        taken_ns=snapshot.taken_ns,
        addresses=tuple(known),
        candidates=tuple(found),
        next_steps=(NextStep("homeport explain ADDRESS:PORT", "all about one of them"),),
        limits=_limits(snapshot, facts),
    )


def _reach_at(address: AddressFacts, found: list[Listener], facts: Facts) -> str:
    """Who reaches an address, and which of its listeners others reach at another one."""
    if address.scope is not Scope.LOOPBACK:
        return address.reach
    only = "That address is reached from this machine only"
    wider = sum(has_wider_reach(each, facts.addresses) for each in found)
    if not wider:
        return f"{only}."
    if len(found) == 1:
        return f"{only}, but the listener is bound to a wider one and reached from elsewhere, too."
    which = "all" if wider == len(found) else str(wider)
    are = "is bound to a wider one" if wider == 1 else "are bound to wider ones"
    return f"{only}, but {which} of the listeners {are} and reached from elsewhere, too."


def _of_port_zero(subject: Subject, snapshot: Snapshot, facts: Facts) -> Explanation:
    """No port at all: nothing can have it, so nothing else is said of it."""
    span = "" if facts.policy is None else f" from {facts.policy.assigned}"
    return Explanation(
        subject=subject,
        verdict=(
            "Port 0 is no port that anything can have. A program that binds it asks for any free "
            f"port, and the kernel chooses one{span} (bind(2), ip(7)); on the wire it is reserved."
        ),
        taken_ns=snapshot.taken_ns,
        next_steps=(NextStep("homeport ls", "see which port a program was given"),),
        limits=_limits(snapshot, facts),
    )


def _of_process(subject: Subject, snapshot: Snapshot, facts: Facts) -> Explanation:
    held = tuple(
        each for each in snapshot.listeners if any(o.pid == subject.pid for o in each.owners)
    )
    process = facts.process or next(
        (owner for each in held for owner in each.owners if owner.pid == subject.pid), None
    )
    if process is None:
        raise NotFound(
            f"there is no process {subject.pid}",
            why="it has ended, or is in a pid namespace that is not visible from here",
            next_step="homeport ls shows the processes that listen",
        )
    places = listed((str(each.endpoint) for each in held), limit=6) if held else "nothing"
    steps = [NextStep(f"homeport kill pid:{process.pid}", "end it")] if held else []
    first = (NextStep(f"homeport explain {held[0].endpoint}", "all about that"),) if held else ()
    return Explanation(
        subject=subject,
        verdict=f"{process_words(process)} listens on {places}.",
        taken_ns=snapshot.taken_ns,
        process=process,
        candidates=held,
        next_steps=(*first, *steps),
        limits=snapshot.limits,
    )


_WITHOUT_ENDPOINT = {
    Symptom.IN_USE: (
        "The text names no port, so it cannot be said who has it.",
        "Likely are these listeners of yours:",
    ),
    Symptom.REFUSED: (
        "The text names no endpoint, so it cannot be said why nothing answered there.",
        "These listeners of yours do answer:",
    ),
}


def _of_symptom(
    subject: Subject, symptom: Symptom, snapshot: Snapshot, facts: Facts
) -> Explanation:
    """A complaint without an endpoint: the listeners that may be meant."""
    own = own_namespaces(snapshot)
    found = [
        each
        for each in snapshot.listeners
        if each.uid in facts.own_uids
        and (not own or each.netns in own)
        and each.endpoint.transport is not Transport.UDP
    ]
    found.sort(
        key=lambda each: (
            not any(owner.project for owner in each.owners),
            each.endpoint.port,
            str(each.endpoint),
        )
    )
    default = (f"The text names no endpoint ({symptom}).", "These listeners are yours:")
    what, which = _WITHOUT_ENDPOINT.get(symptom, default)
    nothing = "None of your processes listens on TCP at the moment."
    return Explanation(
        subject=subject,
        verdict=f"{what} {which if found else nothing}",
        taken_ns=snapshot.taken_ns,
        candidates=tuple(found[:_MOST_CANDIDATES]),
        next_steps=(
            NextStep("homeport explain 8000", "with the port that your program wanted"),
            NextStep("homeport ls", "everything that listens, of others too"),
        ),
        limits=snapshot.limits,
    )


def _of_several(subject: Subject, snapshot: Snapshot, facts: Facts) -> Explanation:
    """A name that stands for several ports."""
    held = _held_by(subject.asked, snapshot)
    whose = listed(who(each) for each in held)
    return Explanation(
        subject=subject,
        verdict=f"{subject.asked} ({subject.kind}) listens on {len(held)} endpoints: {whose}.",
        taken_ns=snapshot.taken_ns,
        candidates=held,
        next_steps=(NextStep(f"homeport explain {held[0].endpoint}", "all about one of them"),),
        limits=_limits(snapshot, facts),
    )

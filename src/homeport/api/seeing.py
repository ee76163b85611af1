"""The use cases of looking: what listens, why it does not answer, what came and went, ending it."""

from __future__ import annotations

from homeport.model.snapshot import Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import IO

    from homeport.model.diagnosis import Diagnosis
    from homeport.model.ending import Ending, Plan
    from homeport.model.event import Event, Stretch, Tenancy
    from homeport.model.explanation import Explanation
    from homeport.model.identity import Identity
    from homeport.model.selection import Selection
    from homeport.model.snapshot import Edge, Namespace, Snapshot
    from homeport.model.sockets import Listener
    from homeport.see.events.announce import Announcer
    from homeport.see.events.watch import Watch
    from homeport.wire.declared import Declared


def snapshot(
    *,
    connections: bool = True,
    udp: bool = True,
    unix: bool = True,
    owners: bool = True,
    facts: bool = True,
    all_namespaces: bool = True,
) -> Snapshot:
    """Every TCP, MPTCP and UDP socket, and every unix listener, with its owners.

    Leave out what is not needed: `connections` (all that is no listener), `udp`, `unix`, `owners`,
    the owners' `facts` (argv, project, unit, ancestry; whose leases the ports are), and
    `all_namespaces` beyond the caller's own. Raises `HomeportError` where the kernel cannot be
    asked. Linux; elsewhere through psutil.
    """
    from homeport.see.snapshot import take

    taken = take(Query(connections, udp, unix, owners, facts, all_namespaces))
    if not facts:
        return taken
    from homeport.api.home import with_leases

    return with_leases(taken)


def graph(taken: Snapshot) -> tuple[Edge, ...]:
    """Who talks to whom: the connections of a snapshot that have both ends on this machine."""
    from homeport.see.graph import edges

    return edges(taken)


def select(taken: Snapshot, wanted: Selection) -> Snapshot:
    """The snapshot with only those sockets that meet every condition."""
    from homeport.see.select import select as selected

    return selected(taken, wanted)


def select_edges(edges: Iterable[Edge], wanted: Selection) -> tuple[Edge, ...]:
    """The edges of a graph that meet every condition at one of their ends."""
    from homeport.see.select import select_edges as selected

    return selected(edges, wanted)


def grouped(listeners: Iterable[Listener]) -> list[tuple[str, list[Listener]]]:
    """The listeners by whose they are, those of the person who asks first."""
    from homeport.see.select import grouped as by_group

    return [(group.value, each) for group, each in by_group(listeners, own_uids())]


def own_uids() -> frozenset[int]:
    """The uid of the person who asks, and under sudo root's too."""
    from homeport.host.who import own_uids as uids

    return uids()


def user_exists(name: str) -> bool:
    """Whether this machine knows a user of that name."""
    from homeport.host.who import user_exists as exists

    return exists(name)


def project_root(directory: str) -> str | None:
    """The root of the project that an absolute path to a directory lies in."""
    from homeport.host.projects import ProjectFinder

    project = ProjectFinder().at(directory)
    return None if project is None else project.root


def identify(listener: Listener) -> Identity | None:
    """What a listener speaks, found out by the gentlest means; None where nothing tells.

    Connects to it, unless that would harm it (a debugger, a one-shot `nc -l`): then what is known
    of its process is all there is. No handler of an application runs. See `identified` for many.
    """
    from homeport.see.identify.identify import identify as found

    return found([listener], _namespaces([listener]))[0]


def identified(taken: Snapshot) -> Snapshot:
    """The snapshot with what its listeners speak, all of them asked at once; see `identify`.

    Takes little over a second at most, however many they are.
    """
    from homeport.see.identify.identify import identify as found

    pairs = zip(taken.listeners, found(taken.listeners, taken.namespaces), strict=True)
    return taken._replace(listeners=tuple(each._replace(identity=what) for each, what in pairs))


def _with_identities(listeners: Sequence[Listener]) -> tuple[Listener, ...]:
    from homeport.see.identify.identify import identify as found

    pairs = zip(listeners, found(listeners, _namespaces(listeners)), strict=True)
    return tuple(each._replace(identity=what) for each, what in pairs)


def _namespaces(listeners: Iterable[Listener]) -> Iterable[Namespace]:
    from homeport.host.netns import current_inode, find_namespaces

    here = current_inode()
    elsewhere = any(each.netns not in (0, here) for each in listeners)
    return find_namespaces() if elsewhere else find_namespaces({})


def explain(text: str, *, identify: bool = False) -> Explanation:
    """All that is known of an endpoint, a port, a URL, a name, `pid:812`, or a text with such.

    A pasted error message may name several endpoints: the first that it complains of is explained.
    Asks the kernel and opens no connection; with `identify` those who listen there are asked what
    they speak, see `identified`. Raises `BadInput` for what is meant as an endpoint and cannot be
    one, `NotFound` where a text holds none, or a name or pid is nobody's.
    """
    from homeport.api.home import home
    from homeport.see.explain.explain import explain_text

    explanation = explain_text(text, lambda: snapshot(unix=False), home)
    if not identify:
        return explanation
    listeners = [each.listener for each in explanation.listeners]
    pairs = zip(explanation.listeners, _with_identities(listeners), strict=True)
    return explanation._replace(
        listeners=tuple(each._replace(listener=known) for each, known in pairs),
        candidates=_with_identities(explanation.candidates),
    )


def check(text: str, *, as_pid: int | None = None, binding: bool = False) -> Diagnosis:
    """Why a service does not answer, or answers wrongly; or that it is healthy.

    `text` is a URL, `host:port`, a port, or a name: `web` or `shop:web` is a service that runs.
    `as_pid` looks with another process's environment, network namespace and limits. Connects as a
    client does, and changes nothing; with `binding` nothing is connected to, and the question is
    why nobody can listen there. Raises `BadInput`, `NotFound`, `NotPermitted`. Linux.
    """
    from homeport.api.home import home, url_of
    from homeport.see.diagnose.check import check as checked

    return checked(text, as_pid=as_pid, binding=binding, home=home(), url_of=url_of)


def check_repeatedly(
    text: str, *, as_pid: int | None = None, binding: bool = False
) -> Iterator[Diagnosis]:
    """The same again and again, two seconds after one another, without an end."""
    from homeport.host.clock import SECOND_NS, Clock

    clock = Clock()
    while True:
        yield check(text, as_pid=as_pid, binding=binding)
        clock.wait((), 2 * SECOND_NS)


def declared_services(directory: str | None = None) -> tuple[tuple[Declared, ...], tuple[str, ...]]:
    """The services that the files of a project say should be there, and what could not be read.

    Those that Homeport runs for it are named as it runs them. `directory` is one of the project's,
    None for the working directory.
    """
    import os

    from homeport.api.home import running_services
    from homeport.host.project_files import declared_services as declared
    from homeport.wire.declared import Declared

    where = os.path.realpath(directory or os.curdir)
    running = tuple(Declared(*each) for each in running_services(where))
    found, troubles = declared(where)
    run_here = {each.name for each in running}
    others = tuple(each for each in found if each.name not in run_here)
    return (*running, *others), troubles


def write_report(path: str, text: str) -> None:
    """Writes a file for a person, readable by them only. Raises `StateUnusable`."""
    from homeport.host.files import write_for_somebody

    write_for_somebody(path, text)


def plan_ending(text: str) -> Plan:
    """Which processes have to end so that what `text` names is closed; nothing is ended yet.

    `text` is an endpoint, a port, a URL, or `pid:812`. Raises `BadInput`, `NotFound`,
    `NotPermitted` and `NotSupported`, with what to do instead.
    """
    from homeport.api.home import home, with_leases
    from homeport.host.who import own_line
    from homeport.run.ending import plan
    from homeport.see.aim import aimed_at, parse_aim

    aim = parse_aim(text)
    taken = with_leases(snapshot(connections=False, unix=False), home())
    return plan(
        aim.text,
        aimed_at(taken, aim),
        own_line=own_line(),
        only=aim.pid,
        everything=taken.listeners,
    )


def end(planned: Plan, *, timeout_s: float = 5.0) -> Ending:
    """Carries a plan out: TERM, after `timeout_s` KILL, and a look at what is left.

    Raises `NotFound`, and ends nothing, where what listens there has changed since it was planned.
    """
    from homeport.model.ending import Ending
    from homeport.run.ending import carry_out
    from homeport.see.aim import still_open

    def look() -> Iterable[Listener]:
        return snapshot(connections=False, unix=False, facts=False).listeners

    outcomes = carry_out(planned, timeout_ms=round(timeout_s * 1000), look=look)
    after = snapshot(connections=False, unix=False)
    return Ending(planned, tuple(outcomes), still_open(after, planned.listeners))


def watch(*, udp: bool = False, record: bool = False, interval_s: float | None = None) -> Watch:
    """What opens, closes and changes hands from now on: an iterator of events, to be closed.

    Watches the TCP listeners of this network namespace, and with `udp` its bound UDP sockets.
    `record` keeps what happens in the history. `interval_s` is the pause between two looks for
    what opened, None lets it follow what happens. Raises `HomeportError` where the tables cannot
    be read, or the history not be written.
    """
    from homeport.see.events.watching import watch_here

    return watch_here(udp=udp, record=record, interval_s=interval_s)


def history(
    text: str | None = None,
    *,
    at: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Iterator[Tenancy]:
    """Who had an endpoint and when, as far as it was recorded, the latest first.

    `text` is an endpoint as people write it, a port, or a part of the name of a process or a
    project; None means all. `at` is a time at which somebody had it, `since` and `until` bound
    it: `14:02`, `yesterday`, `2h`, `2026-11-22`, ISO 8601. Raises `BadInput` at once for what
    cannot be read, `StateUnusable` while reading.
    """
    from homeport.see.events.history import asked, history_here

    return history_here(asked(text, at=at, since=since, until=until))


def recorded() -> list[Stretch]:
    """When anybody recorded the history, the earliest first; empty where nobody ever did."""
    from homeport.see.events.history import recorded_here

    return recorded_here()


def was_recorded(
    *, at: str | None = None, since: str | None = None, until: str | None = None
) -> bool:
    """Whether anybody recorded the history during a part of that time; see `history`."""
    from homeport.see.events.history import asked, was_recorded_here

    return was_recorded_here(asked(None, at=at, since=since, until=until))


def forget(
    text: str | None = None,
    *,
    at: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> int:
    """Deletes from the history what `history` gives for the same words; how many rows that were.

    Raises `BadInput`, `StateUnusable`.
    """
    from homeport.see.events.history import asked, forget_here

    return forget_here(asked(text, at=at, since=since, until=until))


def select_events(events: Iterable[Event], wanted: Selection) -> list[Event]:
    """The events of the ports and projects that are wanted."""
    from homeport.see.events.changes import meant

    return [event for event in events if meant(event, wanted)]


def announcer(
    command: str | None, *, desktop: bool = False, output: IO[bytes] | int | None = None
) -> Announcer:
    """What runs a command for each event, and shows it on the desktop.

    The command is split into words without a shell and has the event in its environment
    (`HOMEPORT_EVENT`, `HOMEPORT_PORT`, …). At most four programs run at once, each for at most 30
    seconds; `output` is where what they print goes. Raises `BadInput`, `NotSupported`.
    """
    from homeport.host.clock import Clock
    from homeport.report.events_json import event_environment
    from homeport.report.events_text import event_notification
    from homeport.see.events.announce import Announcer

    return Announcer(
        command,
        environment=event_environment,
        desktop=event_notification if desktop else None,
        output=output,
        clock=Clock(),
    )

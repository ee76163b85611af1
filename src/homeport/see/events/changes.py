"""What differs between two looks at the listeners. Pure: tables in, events out."""

from __future__ import annotations

from homeport.model.event import Event, EventKind
from homeport.model.process import Certainty
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.endpoint import Endpoint
    from homeport.model.process import ProcessId
    from homeport.model.selection import Selection
    from homeport.model.sockets import Listener


class SocketKey(NamedTuple):
    """What makes a listener the same one at two looks: the socket, not merely its endpoint.

    `number` is the cookie, or the inode where the kernel tells no cookie.
    """

    netns: int
    number: int
    endpoint: Endpoint


def key_of(listener: Listener) -> SocketKey:
    """What the listener is recognised by."""
    number = listener.inode if listener.cookie is None else listener.cookie
    return SocketKey(listener.netns, number, listener.endpoint)


def changes(before: Iterable[Listener], after: Iterable[Listener], at_ns: int) -> list[Event]:
    """What happened between two looks: first what closed, then what opened, then new owners.

    `at_ns` is the moment that all of these events bear. Two listeners on one endpoint (with
    SO_REUSEPORT, or after a restart) are two sockets: each has its own events.
    """
    old = {key_of(listener): listener for listener in before}
    new = {key_of(listener): listener for listener in after}
    closed = [event_of(EventKind.CLOSED, old[key], at_ns) for key in old if key not in new]
    opened = [event_of(EventKind.OPENED, new[key], at_ns) for key in new if key not in old]
    stayed = [(old[key], new[key]) for key in new if key in old]
    changed = [event for pair in stayed if (event := owner_change(*pair, at_ns)) is not None]
    return [*_in_order(closed), *_in_order(opened), *_in_order(changed)]


def event_of(kind: EventKind, listener: Listener, at_ns: int) -> Event:
    """An event that befell the listener."""
    return Event(
        at_ns=at_ns,
        kind=kind,
        endpoint=listener.endpoint,
        inode=listener.inode,
        netns=listener.netns,
        owners=listener.owners,
        certainty=listener.certainty,
        cookie=listener.cookie,
    )


def owner_change(before: Listener, after: Listener, at_ns: int) -> Event | None:
    """The event of a socket that other processes hold now; None where they are the same.

    Inferred owners are no news: they describe who made the socket, and come and go with whatever
    runs in the same place.
    """
    inferred = Certainty.INFERRED
    if inferred in {before.certainty, after.certainty} or _holders(before) == _holders(after):
        return None
    event = event_of(EventKind.OWNER_CHANGED, after, at_ns)
    return event._replace(previous=before.owners)


def _holders(listener: Listener) -> frozenset[ProcessId]:
    return frozenset(owner.identity for owner in listener.owners)


def _in_order(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.endpoint.port, event.endpoint[:2], event.inode))


def meant(event: Event, wanted: Selection) -> bool:
    """Whether an event is of the ports and projects that are wanted."""
    if wanted.ports and not any(event.endpoint.port in span for span in wanted.ports):
        return False
    return not wanted.projects or any(
        owner.project is not None and wanted.projects & {owner.project.name, owner.project.root}
        for owner in event.owners + event.previous
    )

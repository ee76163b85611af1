"""Who has a port that somebody else wanted: one sentence, from what a snapshot tells."""

from __future__ import annotations

from homeport.model.endpoint import Transport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.endpoint import Endpoint
    from homeport.model.process import Process
    from homeport.model.snapshot import Snapshot
    from homeport.model.sockets import Listener


def who_has(wanted: Endpoint, taken: Snapshot) -> str | None:
    """`python 4711 of the project shop listens on 127.0.0.1:8000`; None where nobody listens.

    Any address counts: a lease holds its port on all of them.
    """
    own = {namespace.inode for namespace in taken.namespaces if namespace.own}
    found = [
        each
        for each in taken.listeners
        if each.endpoint.port == wanted.port
        and (each.endpoint.transport is Transport.UDP) == (wanted.transport is Transport.UDP)
        and (not own or each.netns in own)
    ]
    # Who listens on the very address is the one that was meant.
    found.sort(key=lambda each: each.endpoint.address != wanted.address)
    return _told(found[0]) if found else None


def _told(listener: Listener) -> str:
    verb = "has bound" if listener.endpoint.transport is Transport.UDP else "listens on"
    who = _process(listener.owners[0]) if listener.owners else f"a process of {_user(listener)}"
    return f"{who} {verb} {listener.endpoint}"


def _process(owner: Process) -> str:
    project = f" of the project {owner.project.name}" if owner.project else ""
    return f"{owner.name or 'process'} {owner.pid}{project}"


def _user(listener: Listener) -> str:
    return listener.user or f"uid {listener.uid}"

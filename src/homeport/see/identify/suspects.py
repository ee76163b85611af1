"""Who may be speaking there, before a word is said: from the processes that hold it, and its port.

A process is evidence. A port alone is not: it only says what to ask first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.endpoint import Transport
from homeport.model.record import NamedTuple
from homeport.model.sockets import BehindKind
from homeport.wire.program import short_program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from homeport.model.process import Process
    from homeport.model.sockets import Listener
    from homeport.wire.protocols import Protocol

_FEW = 1
"""A backlog that only a program asks for that wants a single client: `nc -l`, a debugger."""


class Suspect(NamedTuple):
    """A protocol that a process (`owner`, running `product`) or else the port points at."""

    protocol: Protocol
    product: str | None = None
    owner: Process | None = None

    @property
    def told(self) -> str:
        """The evidence in words; empty for a port alone."""
        if self.owner is None:
            return ""
        return f"it is held by {self.owner.name or short_program(self.owner)} {self.owner.pid}"


class Suspicion(NamedTuple):
    """The suspects, those that a process points at first; and why nobody may connect, if so.

    `hidden`: no process is known to hold the socket, so that a port is all there is.
    """

    suspects: tuple[Suspect, ...]
    harm: str | None = None
    hidden: bool = False

    @property
    def seen(self) -> tuple[Suspect, ...]:
        """The suspects for whom a process stands."""
        return tuple(each for each in self.suspects if each.owner is not None)

    def over(self, protocol: str) -> tuple[Suspect, ...]:
        """Those to be asked once a protocol that carries theirs is found.

        A port that a known process holds points at nothing then: an application may take any.
        """
        carried = [each for each in self.suspects if each.protocol.over == protocol]
        return tuple(each for each in carried if self.hidden or each.owner is not None)


def suspicion(listener: Listener, protocols: Iterable[Protocol]) -> Suspicion:
    """What holder and port of a listener say."""
    udp = listener.endpoint.transport is Transport.UDP
    possible = [each for each in protocols if (each.transport is Transport.UDP) == udp]
    owners = _serving(listener)
    hurt = _harmed(listener, owners, possible)
    if hurt is not None:
        return hurt
    by_program = list(_by_program(owners, possible))
    known = {each.protocol.name for each in by_program}
    port = listener.endpoint.port
    by_port = [Suspect(each) for each in possible if port in each.ports and each.name not in known]
    harm = _general_harm(listener, known=bool(by_program))
    return Suspicion((*by_program, *by_port), harm, hidden=not owners)


def _serving(listener: Listener) -> tuple[Process, ...]:
    """Those who serve: behind a forwarder, the processes in the container."""
    behind = listener.behind
    return behind.owners if behind is not None and behind.owners else listener.owners


def _harmed(
    listener: Listener, owners: Sequence[Process], possible: Iterable[Protocol]
) -> Suspicion | None:
    for protocol in possible:
        for owner in owners:
            if protocol.harm is None or not owner.argv:
                continue
            reason = protocol.harm(owner.argv, listener.endpoint.port)
            if reason is not None:
                product = _product(programs_of(owner), protocol)
                return Suspicion((Suspect(protocol, product, owner),), reason)
    return None


def _general_harm(listener: Listener, *, known: bool) -> str | None:
    """Reasons that need no protocol; `known`: a process points at one whose servers bear it."""
    behind = listener.behind
    waiting = behind is not None and behind.kind is BehindKind.SOCKET_ACTIVATION
    if waiting and behind is not None and not behind.owners:
        return "the first connection would start its service"
    if not known and listener.backlog is not None and listener.backlog <= _FEW:
        return "it waits for a single client, and may take the first for it"
    return None


def _by_program(owners: Sequence[Process], possible: Iterable[Protocol]) -> Iterator[Suspect]:
    names = [(owner, programs_of(owner)) for owner in owners]
    for protocol in possible:
        for owner, called in names:
            product = _product(called, protocol)
            if product is not None:
                yield Suspect(protocol, product, owner)
                break


def _product(names: Iterable[str], protocol: Protocol) -> str | None:
    return next((protocol.programs[each] for each in names if each in protocol.programs), None)


def programs_of(process: Process) -> tuple[str, ...]:
    """The names by which a program may be known, lower case: `beam.smp`, `rabbitmq-server`."""
    called = short_program(process)
    names = [called, called.partition(" ")[0], called.rpartition(" ")[2], process.name or ""]
    names.append((process.exe or "").rpartition("/")[2])
    if process.argv:
        names.append(process.argv[0].split(" ")[0].rpartition("/")[2].rstrip(":"))
    return tuple(dict.fromkeys(name.lower() for name in names if name))

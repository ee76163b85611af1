"""Who really serves a listener that somebody else holds: port forwarders, socket activation.

A function of listeners and their owners. What more is needed (the addresses of a namespace, the
environment of a process, socket units) is asked through `Surroundings`, and only when a holder is
met that makes it matter.
"""

from __future__ import annotations

from homeport.model.record import NamedTuple
from homeport.model.sockets import Behind, BehindKind, Listener
from homeport.see.forwarders import FORWARDERS, Landscape, container_of, program
from homeport.wire.forwarder import parse_activate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from homeport.host.processes import ProcessReader
    from homeport.model.process import Process
    from homeport.wire.proc_pid import Activation
    from homeport.wire.socket_unit import SocketUnit


class Surroundings(NamedTuple):
    """What can be asked beyond the snapshot; `host.processes` and `host.socket_units` answer.

    `activation(pid)`: sockets passed to a process. `addresses(pid)`: those of the network namespace
    that it lives in, empty where they are hidden. `units()`: the socket units of the machine, and
    of the user who asks.
    """

    activation: Callable[[int], Activation | None]
    addresses: Callable[[int], frozenset[str]]
    units: Callable[[], Sequence[SocketUnit]]


def surroundings(reader: ProcessReader) -> Surroundings:
    """The machine itself."""

    def units() -> Sequence[SocketUnit]:
        # Not at the start of every command: few machines have a holder that calls for it.
        from homeport.host.socket_units import SYSTEM_DIRECTORIES, USER_DIRECTORIES, socket_units

        return socket_units(SYSTEM_DIRECTORIES) + socket_units(USER_DIRECTORIES)

    return Surroundings(reader.activation, reader.addresses, units)


def with_behind(listeners: Sequence[Listener], around: Surroundings) -> tuple[Listener, ...]:
    """The same listeners, each with the service that stands behind it where there is one."""
    landscape = Landscape(listeners, around.addresses)
    return tuple(
        listener if found is None else listener._replace(behind=found)
        for listener in listeners
        for found in (behind(listener, landscape, around),)
    )


def behind(listener: Listener, landscape: Landscape, around: Surroundings) -> Behind | None:
    """The service behind one listener, None where its owners serve it themselves."""
    for owner in listener.owners:
        name = program(owner)
        if name in FORWARDERS:
            return FORWARDERS[name](landscape, listener, owner)
        if _starts_later(owner):
            return _waiting(owner)
    managers = [owner for owner in listener.owners if program(owner) == "systemd"]
    services = tuple(owner for owner in listener.owners if owner not in managers)
    if managers and not services:
        return _not_started(listener, managers[0], around)
    passed = _passed(services, around, sure=bool(managers))
    if not managers:
        return None if passed is None else _activated(passed, services)
    held = f"systemd (pid {managers[0].pid}) holds the socket too"
    return _activated(f"{held}, {passed}" if passed else held, services)


def _activated(evidence: str, services: tuple[Process, ...]) -> Behind:
    return Behind(
        BehindKind.SOCKET_ACTIVATION,
        evidence,
        owners=services,
        unit=next((owner.unit for owner in services if owner.unit), None),
        container=container_of(services),
    )


def _passed(services: tuple[Process, ...], around: Surroundings, *, sure: bool) -> str | None:
    """What the environment of the first of them that tells says of sockets passed to it."""
    for owner in services:
        # Only services get sockets passed, so nobody else's environment is read for it.
        if not sure and not (owner.unit or "").endswith(".service"):
            continue
        activation = around.activation(owner.pid)
        if activation is not None and activation.passed > 0:
            names = f" ({', '.join(activation.names)})" if activation.names else ""
            return f"LISTEN_FDS={activation.passed}{names} in the environment of pid {owner.pid}"
    return None


def _not_started(listener: Listener, manager: Process, around: Surroundings) -> Behind:
    kind = BehindKind.SOCKET_ACTIVATION
    for unit in around.units():
        if unit.listens_on(listener.endpoint):
            evidence = f"{unit.name} starts {unit.service} on the first connection"
            return Behind(kind, evidence, unit=unit.service)
    return Behind(kind, f"systemd (pid {manager.pid}) holds it for a unit that is not started yet")


def _starts_later(owner: Process) -> bool:
    # The name is cut to 15 bytes (TASK_COMM_LEN).
    return program(owner) == "systemd-socket-activate"[:15]


def _waiting(owner: Process) -> Behind:
    """A systemd-socket-activate(1) that nobody has connected to: it will become its command."""
    command = " ".join(parse_activate(owner.argv or ()))
    evidence = (
        f"systemd-socket-activate (pid {owner.pid}) starts on the first connection: {command}"
    )
    return Behind(BehindKind.SOCKET_ACTIVATION, evidence)

"""Which leases there are: those whose lock somebody has. What the others left is removed."""

from __future__ import annotations

from homeport.host import locks
from homeport.model.endpoint import Transport
from homeport.model.lease import LeaseFacts
from homeport.model.port import MAX_PORT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.endpoint import Endpoint
    from homeport.wire.lease_record import LeaseRecord

_LEASABLE = (Transport.TCP.value, Transport.UDP.value)


def listed() -> list[LeaseFacts]:
    """The leases of this user in this network namespace, by transport and port."""
    directory = locks.lease_locks()
    found = [_facts(name, record, directory) for name, record in directory.held()]
    return sorted(
        (facts for facts in found if facts is not None),
        key=lambda facts: (facts.transport.value, facts.port),
    )


def held_ports(ports: Iterable[tuple[Transport, int]]) -> dict[tuple[Transport, int], LeaseFacts]:
    """Those of these ports that this user's leases hold; costs next to nothing without leases.

    Reads only, so that it can be asked for at any time: unlike `listed`, which tidies up.
    """
    files = locks.lease_files()
    if not files:
        return {}
    wanted = {f"{transport.value}-{port}": (transport, port) for transport, port in ports}
    records = locks.known_leases(files & wanted.keys())
    return {
        wanted[name]: LeaseFacts(*wanted[name], record.key, record.pid)
        for name, record in records.items()
    }


def taken_by_lease(endpoint: Endpoint) -> str | None:
    """Whose lease a port is, as a sentence; None where it is none of this user's."""
    for facts in listed():
        if (facts.transport, facts.port) == (endpoint.transport, endpoint.port):
            who = "a process" if facts.pid is None else f"process {facts.pid}"
            name = f", as {facts.key.name!r} of {facts.key.root}" if facts.key else ""
            return f"{who} has leased it{name}, and nobody listens there yet"
    return None


def _facts(name: str, record: LeaseRecord, directory: locks.LockDirectory) -> LeaseFacts | None:
    transport, _, digits = name.partition("-")
    if transport not in _LEASABLE or not (digits.isdigit() and int(digits) <= MAX_PORT):
        return None
    # It may have ended, a child of its having inherited the lease, and the pid be another's.
    alive = record.pid is not None and directory.is_holder(record.pid, name)
    pid = record.pid if alive else None
    return LeaseFacts(Transport(transport), int(digits), record.key, pid)

r"""Sockets for awk: one line each, always the same fields, nothing cut, no heading.

Fields are separated by one tab and hold no white space themselves (a blank is `\x20`), so that
awk finds them with and without -F. What is not known, or does not apply, is `-`. Later versions
may add fields at the end of the line, and nowhere else.
"""

from __future__ import annotations

from homeport.model.address import scope_of
from homeport.model.endpoint import Transport
from homeport.model.port import port_class
from homeport.report.style import printable
from homeport.report.words import oldest_first, utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.model.process import Certainty, Process
    from homeport.model.snapshot import Snapshot
    from homeport.model.sockets import Connection, Listener, UnixListener

FIELDS = (
    "transport",
    "state",
    "address",
    "port",
    "peer_address",
    "peer_port",
    "scope",
    "class",
    "certainty",
    "pids",
    "names",
    "user",
    "project",
    "since",
    "netns",
)
"""The fields of a line, in their order. Several pids or names are separated by commas."""


def plain_lines(snapshot: Snapshot) -> Iterator[str]:
    """Listeners, then connections, then unix listeners, each in an order that is stable."""
    holding = _Holding()
    for listener in sorted(snapshot.listeners, key=_listener_place):
        yield _listener(listener, holding)
    for connection in sorted(snapshot.connections, key=_connection_place):
        yield _connection(connection, holding)
    for unix in sorted(snapshot.unix_listeners, key=_unix_place):
        yield _unix(unix, holding)


class _Holding:
    """The fields from certainty to since, written once for all sockets of the same processes."""

    def __init__(self) -> None:
        self._written: dict[tuple[object, ...], str] = {}

    def fields(self, certainty: Certainty, owners: tuple[Process, ...], user: str | None) -> str:
        # Within a snapshot a pid is one process: cheaper to compare than all that is known of it.
        key = (certainty, user, *[owner.pid for owner in owners])
        if key not in self._written:
            self._written[key] = _joined(*_held(certainty, owners, user))
        return self._written[key]


def _listener_place(listener: Listener) -> tuple[int, str, int, str, int]:
    end = listener.endpoint
    return (listener.netns, end.transport, end.port, end.address, listener.inode)


def _connection_place(connection: Connection) -> tuple[int, str, int, str, str, int]:
    return (
        connection.netns,
        connection.transport,
        connection.local_port,
        connection.local_address,
        connection.remote_address,
        connection.remote_port,
    )


def _unix_place(listener: UnixListener) -> tuple[int, str, int]:
    return (listener.netns, listener.path or "", listener.inode)


def _listener(listener: Listener, holding: _Holding) -> str:
    end = listener.endpoint
    user = listener.user or str(listener.uid)
    return "\t".join(
        (
            end.transport.value,
            "-" if end.transport is Transport.UDP else "LISTEN",
            _device(end.address, end.interface),
            str(end.port),
            "-",
            "-",
            listener.scope.value,
            listener.port_class.value,
            holding.fields(listener.certainty, listener.owners, user),
            str(listener.netns),
        )
    )


def _connection(connection: Connection, holding: _Holding) -> str:
    owners = connection.owners
    user = (owners[0].user if owners else None) or str(connection.uid)
    return "\t".join(
        (
            connection.transport.value,
            connection.state.label,
            _device(connection.local_address, connection.interface),
            str(connection.local_port),
            connection.remote_address,
            str(connection.remote_port),
            scope_of(connection.local_address).value,
            port_class(connection.local_port).value,
            holding.fields(connection.certainty, owners, user),
            str(connection.netns),
        )
    )


def _unix(listener: UnixListener, holding: _Holding) -> str:
    user = listener.user or (None if listener.uid is None else str(listener.uid))
    return "\t".join(
        (
            Transport.UNIX.value,
            "LISTEN" if listener.listening else "-",
            _field(listener.path),
            *["-"] * 5,
            holding.fields(listener.certainty, listener.owners, user),
            str(listener.netns),
        )
    )


def _device(address: str, interface: str | None) -> str:
    # The kernel lets a device be called nearly anything.
    return f"{address}%{_field(interface)}" if interface else address


def _held(
    certainty: Certainty, owners: tuple[Process, ...], user: str | None
) -> tuple[str | None, ...]:
    """The fields from certainty to since."""
    ordered = oldest_first(owners)
    project = next((owner.project.name for owner in ordered if owner.project), None)
    return (
        certainty.value,
        ",".join(str(owner.pid) for owner in ordered),
        ",".join(owner.name or "?" for owner in ordered),
        user,
        project,
        utc(ordered[0].started_ns) if ordered else None,
    )


def _joined(*fields: str | None) -> str:
    return "\t".join([_field(field) for field in fields])


def _field(text: str | None) -> str:
    return printable(text).replace(" ", "\\x20") if text else "-"

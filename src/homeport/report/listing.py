"""Listeners and connections as tables for people.

A person wants one row for one thing: sockets of the same program on the same port are folded
here, and only here. What a program reads (`plain`, `ls_json`) has a row for each socket.
"""

from __future__ import annotations

from homeport.model.endpoint import Transport
from homeport.model.process import Certainty
from homeport.report.cells import (
    NAMED_STATES,
    Context,
    endpoint_text,
    folded,
    namespace,
    owner,
    project,
    reach_cell,
    speaks,
    what,
    widest,
)
from homeport.report.prose import wrapped
from homeport.report.style import Role, Style
from homeport.report.table import Cell, Column, Section, fitted, render
from homeport.report.words import ago, oldest_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from homeport.model.snapshot import Snapshot
    from homeport.model.sockets import Connection, Listener, UnixListener

LISTENER_COLUMNS = (
    Column("ENDPOINT", 24, 0, Role.HEADING),
    Column("WHAT", 14, 4, Role.NAME),
    Column("SPEAKS", 14, 2, Role.NAME),
    Column("OWNER", 14, 1),
    Column("PROJECT", 12, 3, Role.GOOD),
    Column("NAMESPACE", 10, 2),
    Column("CLASS", 7, 7, Role.FAINT),
    Column("REACH", 13, 5),
    Column("SINCE", 6, 6, Role.FAINT),
)
CONNECTION_COLUMNS = (
    Column("LOCAL", 24, 0, Role.HEADING),
    Column("PEER", 24, 1),
    Column("STATE", 11, 3, Role.FAINT),
    Column("OWNER", 12, 2),
    Column("PROJECT", 12, 5, Role.GOOD),
    Column("NAMESPACE", 10, 4),
)
UNIX_COLUMNS = (
    Column("PATH", 24, 0, Role.HEADING),
    Column("KIND", 6, 5),
    Column("OWNER", 14, 1),
    Column("PROJECT", 12, 3, Role.GOOD),
    Column("NAMESPACE", 10, 2),
    Column("SINCE", 6, 4, Role.FAINT),
)


def listener_lines(
    groups: Iterable[tuple[str, Sequence[Listener]]], context: Context, style: Style
) -> list[str]:
    """The table of listeners, each group under its heading."""
    sections = [
        Section(heading, [_listener_row(each, context, style) for each in folded(listeners)])
        for heading, listeners in groups
    ]
    return render(LISTENER_COLUMNS, sections, style) if sections else []


def _listener_row(same: list[Listener], context: Context, style: Style) -> list[Cell]:
    listener = widest(same)
    return [
        endpoint_text(same),
        what(listener, style),
        speaks(listener),
        owner(listener, context),
        project(listener),
        namespace(listener.netns, context),
        listener.port_class.value,
        reach_cell(listener, context),
        _since(listener, context),
    ]


def _since(socket: Listener | UnixListener, context: Context) -> str:
    first = oldest_first(socket.owners)[:1]
    return ago(first[0].started_ns, context.now_ns) if first else ""


def connection_lines(
    connections: Iterable[Connection], context: Context, style: Style
) -> list[str]:
    """The table of connections, by local port and peer; those that nobody holds any more last."""
    ordered = sorted(connections, key=_connection_place)
    rows = [_connection_row(each, context) for each in ordered]
    return render(CONNECTION_COLUMNS, [Section("Connections", rows)], style) if rows else []


def _connection_place(connection: Connection) -> tuple[bool, int, str, str, int]:
    return (
        not connection.inode,
        connection.local_port,
        connection.local_address,
        connection.remote_address,
        connection.remote_port,
    )


def _connection_row(connection: Connection, context: Context) -> list[Cell]:
    prefix = "udp " if connection.transport is Transport.UDP else ""
    return [
        f"{prefix}{connection.local}",
        str(connection.remote),
        connection.state.label,
        owner(connection, context) if connection.inode else "",
        project(connection),
        namespace(connection.netns, context),
    ]


def unix_lines(listeners: Iterable[UnixListener], context: Context, style: Style) -> list[str]:
    """The table of unix sockets that somebody can reach: all but the unnamed that do not listen."""
    listeners = [each for each in listeners if each.listening or each.path is not None]
    ordered = sorted(listeners, key=lambda each: (each.path or "", each.inode))
    rows = [_unix_row(each, context) for each in ordered]
    return render(UNIX_COLUMNS, [Section("Unix sockets", rows)], style) if rows else []


def _unix_row(listener: UnixListener, context: Context) -> list[Cell]:
    return [
        listener.path or "(unnamed)",
        listener.kind,
        owner(listener, context),
        project(listener),
        namespace(listener.netns, context),
        _since(listener, context),
    ]


def notes(snapshot: Snapshot, context: Context, style: Style) -> list[str]:
    """What could not be seen, and what the marks in the table mean; for the end of the text."""
    states = [each.certainty for each in snapshot.listeners]
    states += [each.certainty for each in snapshot.unix_listeners]
    # A connection that is being opened or has been closed belongs to nobody: nothing is hidden.
    states += [each.certainty for each in snapshot.connections if each.inode]
    lines = [meaning for state, meaning in NAMED_STATES.items() if state in states]
    if hidden := states.count(Certainty.HIDDEN):
        lines.append(_hidden_note(hidden, context))
    lines += snapshot.limits
    return [
        style.paint(fitted(part, style), Role.FAINT)
        for line in lines
        for part in wrapped(line, style, rest="  ")
    ]


def _hidden_note(count: int, context: Context) -> str:
    sockets = "1 socket" if count == 1 else f"{count} sockets"
    if 0 in context.own_uids:
        return f"The owner of {sockets} is hidden even from root: protected, or elsewhere."
    return f"The owner of {sockets} is hidden from this user. To see: sudo homeport"

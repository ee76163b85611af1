"""Who talks to whom on this machine, as a picture in text: each client with what it uses."""

from __future__ import annotations

from homeport.report.cells import process_text, project_text
from homeport.report.style import Role, Style, printable
from homeport.report.table import fitted
from homeport.report.words import oldest_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.process import Process
    from homeport.model.snapshot import Edge


def graph_lines(edges: Iterable[Edge], style: Style) -> list[str]:
    """Each client as a line, and below it a line for each service that it is connected to."""
    by_client: dict[str, list[Edge]] = {}
    for edge in edges:
        by_client.setdefault(_party(edge.clients), []).append(edge)
    lines: list[str] = []
    for client in sorted(by_client):
        lines.append(style.paint(fitted(client, style), Role.HEADING))
        lines += _uses(by_client[client], style)
    return lines


def _uses(edges: list[Edge], style: Style) -> list[str]:
    fork, corner, _, _ = style.branches
    digits = max(len(str(edge.connections)) for edge in edges)
    lines = []
    for edge in edges:
        branch = corner if edge is edges[-1] else fork
        count = f"{edge.connections:>{digits}}"
        text = f"{branch}{count} {style.arrow} {edge.service}  {_party(edge.servers)}"
        lines.append(fitted(text, style))
    return lines


def _party(processes: tuple[Process, ...]) -> str:
    """One end of an edge: its first process, how many more hold the socket, and the project."""
    if not processes:
        return "(hidden)"
    first = oldest_first(processes)[0]
    text = process_text(first)
    if len(processes) > 1:
        text += f" +{len(processes) - 1}"
    return printable(f"{text}, {project_text(first.project)}" if first.project else text)

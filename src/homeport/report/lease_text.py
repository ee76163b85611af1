"""Leases as a table for people, and as JSON `homeport/lease@1`."""

from __future__ import annotations

from homeport.model.endpoint import Transport
from homeport.report.ls_json import valid
from homeport.report.style import Role, Style
from homeport.report.table import Column, Section, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.lease import LeaseFacts

SCHEMA = "homeport/lease@1"
_TABLE = (
    Column("PORT", 5, 0, Role.HEADING),
    Column("", 3, 4),
    Column("NAME", 8, 1),
    Column("HELD BY", 7, 2),
    Column("PROJECT", 12, 3, Role.FAINT),
)


def lease_lines(leases: Iterable[LeaseFacts], style: Style) -> list[str]:
    """A row for each lease; a sentence where there is none."""
    rows = [
        (
            str(facts.port),
            facts.transport.value if facts.transport is not Transport.TCP else "",
            facts.key.name if facts.key else "",
            "?" if facts.pid is None else str(facts.pid),
            facts.key.root if facts.key else "",
        )
        for facts in leases
    ]
    return render(_TABLE, [Section("", rows)], style) if rows else ["no port is leased"]


def lease_json(leases: Iterable[LeaseFacts]) -> dict[str, object]:
    """The document."""
    return {"schema": SCHEMA, "leases": [_lease(facts) for facts in leases]}


def _lease(facts: LeaseFacts) -> dict[str, object]:
    return {
        "transport": facts.transport.value,
        "port": facts.port,
        "name": valid(facts.key.name) if facts.key else None,
        "root": valid(facts.key.root) if facts.key else None,
        "pid": facts.pid,
    }

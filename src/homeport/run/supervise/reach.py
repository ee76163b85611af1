"""Where a service listens that it should not, as clauses that go after its name. Linux.

On every address other machines reach it as well; on another port than its own nobody finds it.
"""

from __future__ import annotations

import sys

from homeport.model.address import Scope, scope_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.endpoint import Endpoint

_MOST_NAMED = 3


def listeners(pid: int | None) -> list[Endpoint]:
    """Where a program listens, as far as that can be seen here."""
    if pid is None or sys.platform != "linux":
        return []
    from homeport.host.listening import listeners_of

    return listeners_of(pid)


def reach_notes(found: Iterable[Endpoint]) -> tuple[str, ...]:
    """That other machines reach a service; nothing for one that only this machine reaches."""
    open_to_all = [each for each in found if scope_of(each.address) is not Scope.LOOPBACK]
    if not open_to_all:
        return ()
    where = f"listens on {_named(open_to_all)}, where other machines can reach it"
    return (f"{where}: have it listen on 127.0.0.1, as HOST tells it",)


def elsewhere(found: Iterable[Endpoint], port: int) -> str | None:
    """That a service which does not answer at its port listens somewhere else."""
    others = list(found)
    if not others or any(each.port == port for each in others):
        return None
    return f"listens on {_named(others)} instead of port {port}, which PORT tells it"


def _named(endpoints: list[Endpoint]) -> str:
    named = ", ".join(map(str, endpoints[:_MOST_NAMED]))
    return named if len(endpoints) <= _MOST_NAMED else f"{named}, ..."

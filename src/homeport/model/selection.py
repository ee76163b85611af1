"""What somebody wants to see of a snapshot."""

from __future__ import annotations

from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.address import Scope
    from homeport.model.endpoint import Transport
    from homeport.model.port import PortRange


class Selection(NamedTuple):
    """What to keep of a snapshot; a condition that is empty lets everything through.

    `transports`: TCP stands for MPTCP too. `projects` are names of projects or absolute paths of
    their directories, `users` names or numbers. A connection is kept for the port of either of
    its ends.
    """

    transports: frozenset[Transport] = frozenset()
    ports: tuple[PortRange, ...] = ()
    pids: frozenset[int] = frozenset()
    projects: frozenset[str] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    users: frozenset[str] = frozenset()

"""What somebody asks a lease for, checked: a name, a project, a port, a transport, a range."""

from __future__ import annotations

from homeport.host.projects import root_of
from homeport.model.endpoint import Transport
from homeport.model.errors import BadInput
from homeport.model.lease import LeaseKey
from homeport.model.port import MAX_PORT, shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.port import PortRange

LONGEST_NAME = 200


def checked(
    name: str | None,
    *,
    project: str | None,
    port: int | None,
    transport: str,
    span: PortRange,
) -> tuple[LeaseKey | None, Transport]:
    """The key and the transport that are meant; raises `BadInput` for what cannot be leased."""
    if transport not in {Transport.TCP.value, Transport.UDP.value}:
        raise BadInput(f"{transport!r} cannot be leased", next_step="transport is tcp or udp")
    if port is not None and not 0 < port <= MAX_PORT:
        raise BadInput(f"port {port} cannot be leased", why="a port is a number from 1 to 65535")
    if not 0 < span.first <= span.last <= MAX_PORT:
        raise BadInput(f"{span} is no range of ports", why="ports go from 1 to 65535")
    of = Transport(transport)
    return None if name is None else LeaseKey(root_of(project), _checked(name)), of


def _checked(name: str) -> str:
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadInput(
            f"{shortened(name)!r} is no name for a lease",
            why=f"a name has 1 to {LONGEST_NAME} printable characters",
        )
    return name

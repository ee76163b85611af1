"""How the services of a project are, as its supervisor tells."""

from __future__ import annotations

from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.route import ServiceState


class ServiceStatus(NamedTuple):
    """One service.

    `changed_ns` is when it came into this state, nanoseconds since the epoch (UTC); `starting_ms`
    how long its last start took until it was ready. `url` is where a program reaches it on this
    machine, without a password, `public_url` its name at the gateway; both are None where there
    is no such thing. `restarts` counts those that nobody asked for. `reason` says in words why it
    is not well, `last_lines` are what it printed last, where that helps, and `advice` is what
    `check` says of it. `hosts` are its names at the gateway, without `.localhost`. `notes` are
    clauses, to go after its name, about what nobody may have meant.
    """

    name: str
    state: ServiceState
    changed_ns: int
    pid: int | None = None
    port: int | None = None
    url: str | None = None
    public_url: str | None = None
    starting_ms: int | None = None
    restarts: int = 0
    reason: str | None = None
    last_lines: tuple[str, ...] = ()
    lazy: bool = False
    advice: str | None = None
    hosts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class ProjectStatus(NamedTuple):
    """The services of one project directory, and the supervisor (`pid`) that runs them."""

    name: str
    root: str
    branch: str | None
    source: str
    pid: int
    services: tuple[ServiceStatus, ...]
    gateway_port: int | None = None
    notes: tuple[str, ...] = ()

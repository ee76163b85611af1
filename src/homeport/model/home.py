"""What Homeport itself has on this machine: ports that it holds, services, names at its gateway.

As far as this user may know of it, which is what is this user's own. Whoever looks at ports is
given it, and so can tell what is Homeport's from what is somebody else's.
"""

from __future__ import annotations

from homeport.model.endpoint import Transport
from homeport.model.port import HOME_PORT, PortRange
from homeport.model.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from homeport.model.lease import LeaseFacts
    from homeport.model.status import ProjectStatus, ServiceStatus

HOME_PORTS = PortRange(HOME_PORT, HOME_PORT + 10)
"""Homeport's own port, and where a gateway goes when that is another user's."""

SUFFIX = ".localhost"
_OF_ONE_COMMAND = "run "


class Held(NamedTuple):
    """A port that a lease of this user holds, and what it is held for.

    `project` and `service` are what a supervisor tells of it: None where none was asked, and for
    a lease that somebody has taken by hand.
    """

    lease: LeaseFacts
    project: ProjectStatus | None = None
    service: ServiceStatus | None = None

    @property
    def words(self) -> str:
        """For whom it is held: `web of shop`; for a lease without a name `somebody`."""
        if self.service is not None and self.project is not None:
            return service_words(self.project, self.service)
        key = self.lease.key
        if key is None:
            return "somebody"
        # The lease of `homeport run` is kept apart from that of a declared service by its name.
        of_one = key.name.startswith(_OF_ONE_COMMAND)
        name = key.name.rpartition(" ")[2] if of_one else key.name
        return f"{name} of {key.root.rstrip('/').rpartition('/')[2] or key.root}"


class Home(NamedTuple):
    """All of it: the ports that are held, and the projects whose services run.

    `directory` is where the person is who asks: a command for a project in it is shorter.
    """

    held: tuple[Held, ...] = ()
    projects: tuple[ProjectStatus, ...] = ()
    directory: str = "/"

    def command(self, action: str, project: ProjectStatus, service: ServiceStatus) -> str:
        """What to type for a service: `homeport up web`."""
        inside = is_within(self.directory, project.root)
        place = "" if inside else f" -C {quoted(project.root)}"
        return f"homeport {action}{place} {service.name}"

    def holder(self, port: int) -> Held | None:
        """Who has a TCP port by a lease, where a supervisor tells of a service."""
        held = self.at(port)
        return held if held is not None and held.service is not None else None

    def at(self, port: int, transport: Transport = Transport.TCP) -> Held | None:
        """Who has a port by a lease."""
        plain = Transport.UDP if transport is Transport.UDP else Transport.TCP
        leases = (each for each in self.held if each.lease.port == port)
        return next((each for each in leases if each.lease.transport is plain), None)

    @property
    def gateway_ports(self) -> frozenset[int]:
        """Where the gateway of this user listens."""
        ports = (project.gateway_port for project in self.projects)
        return frozenset(port for port in ports if port is not None)

    @property
    def services(self) -> tuple[tuple[ProjectStatus, ServiceStatus], ...]:
        """Every service, with its project."""
        return tuple((project, each) for project in self.projects for each in project.services)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every name at the gateway, without `.localhost`."""
        return tuple(host for _, service in self.services for host in service.hosts)

    def behind(self, host: str) -> tuple[ProjectStatus, ServiceStatus] | None:
        """The service that the gateway reaches under a host."""
        name = host.rstrip(".").lower().removesuffix(SUFFIX)
        return next((pair for pair in self.services if name in pair[1].hosts), None)

    def named(self, name: str, directory: str) -> tuple[tuple[ProjectStatus, ServiceStatus], ...]:
        """The services that `web` or `shop:web` may mean; those of the directory's project first.

        Where the directory lies in a project that has such a service, only that one is meant.
        """
        project_name, colon, service_name = name.lower().rpartition(":")
        found = [
            pair
            for pair in self.services
            if pair[1].name == service_name and (not colon or pair[0].name == project_name)
        ]
        here = [pair for pair in found if is_within(directory, pair[0].root)]
        deepest = max((len(project.root) for project, _ in here), default=0)
        return tuple(pair for pair in here if len(pair[0].root) == deepest) or tuple(found)


def service_words(project: ProjectStatus, service: ServiceStatus) -> str:
    """A service and whose it is: `web of shop`, `web of shop (feature-x)`."""
    branch = f" ({project.branch})" if project.branch else ""
    return f"{service.name} of {project.name}{branch}"


def quoted(path: str) -> str:
    """A path as a word for a shell."""
    plain = path.replace("/", "").replace("-", "").replace("_", "").replace(".", "")
    return path if plain.isalnum() and plain.isascii() else "'" + path.replace("'", "'\\''") + "'"


def is_within(path: str, root: str) -> bool:
    """Whether a directory is another one or lies below it; both absolute."""
    return path == root or path.startswith(root.rstrip("/") + "/")

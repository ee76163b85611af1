"""Port forwarders of containers: which listener in another namespace stands behind theirs.

One function a forwarder, found by the program's name. What neither its arguments nor the tables
prove is left unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from homeport.model.endpoint import Endpoint, Transport, reaches
from homeport.model.process import Container, Process
from homeport.model.sockets import Behind, BehindKind, Listener
from homeport.wire.forwarder import parse_conmon, parse_docker_proxy, parse_pasta


class Landscape:
    """The listeners of one snapshot, to be searched for those in other namespaces.

    `addresses(pid)` are those of the network namespace of a process, empty where hidden.
    """

    def __init__(
        self, listeners: Sequence[Listener], addresses: Callable[[int], frozenset[str]]
    ) -> None:
        self._listeners = listeners
        self._addresses = addresses
        self._by_port: dict[int, list[Listener]] | None = None

    def on_port(self, outside: Listener, transport: Transport, port: int) -> list[Listener]:
        """Listeners on a port in other namespaces than that of `outside`."""
        if self._by_port is None:
            self._by_port = {}
            for listener in self._listeners:
                self._by_port.setdefault(listener.endpoint.port, []).append(listener)
        return [
            listener
            for listener in self._by_port.get(port, ())
            if listener.netns != outside.netns and _carries(listener, transport)
        ]

    def at(self, outside: Listener, endpoint: Endpoint) -> Listener | None:
        """The listener in another namespace that gets what is sent to an endpoint.

        One on a wildcard only where its namespace is known to have the address: several containers
        listen on the same port.
        """
        for listener in self.on_port(outside, endpoint.transport, endpoint.port):
            bound = listener.endpoint.address
            if bound == endpoint.address:
                return listener
            taken = reaches(bound, endpoint.address, v6only=bool(listener.v6only))
            if taken and self._has(listener, endpoint.address):
                return listener
        return None

    def of_container(self, outside: Listener, number: str) -> list[Listener]:
        """The listeners of one container that the same transport reaches."""
        return [
            listener
            for listener in self._listeners
            if listener.netns != outside.netns
            and _carries(listener, outside.endpoint.transport)
            and (container := container_of(listener.owners)) is not None
            and container.id == number
        ]

    def _has(self, listener: Listener, address: str) -> bool:
        return any(address in self._addresses(owner.pid) for owner in listener.owners)


Forwarder = Callable[[Landscape, Listener, Process], Behind | None]


def program(process: Process) -> str:
    """The name of a process, without the variant for a kind of processor (`pasta.avx2`)."""
    return (process.name or "").partition(".")[0]


def container_of(owners: Iterable[Process]) -> Container | None:
    """The container of the first owner that has one."""
    return next((owner.container for owner in owners if owner.container), None)


def docker_proxy(landscape: Landscape, listener: Listener, owner: Process) -> Behind | None:
    """One process for each published port, with both ends in its arguments."""
    forward = parse_docker_proxy(owner.argv or ())
    if forward is None or forward.address is None:
        return None
    endpoint = Endpoint(forward.transport, forward.address, forward.port)
    evidence = f"docker-proxy (pid {owner.pid}) forwards to {endpoint}"
    backend = landscape.at(listener, endpoint)
    return _served(BehindKind.DOCKER_PROXY, evidence, backend)._replace(endpoint=endpoint)


def pasta(landscape: Landscape, listener: Listener, owner: Process) -> Behind | None:
    """Its arguments name the port within; the namespace is that of its children, or podman's."""
    transport = listener.endpoint.transport
    forward = parse_pasta(owner.argv or (), transport, listener.endpoint.port)
    if forward is None:
        return unspoken(landscape, listener, owner)
    evidence = f"pasta (pid {owner.pid}) forwards to port {forward.port} within its namespace"
    candidates = landscape.on_port(listener, transport, forward.port)
    children = [one for one in candidates if _descends(one, owner)]
    contained = [one for one in candidates if container_of(one.owners)]
    return _served(BehindKind.PORT_FORWARDER, evidence, _only(children) or _only(contained))


def conmon(landscape: Landscape, listener: Listener, owner: Process) -> Behind | None:
    """The monitor of a podman container keeps the ports that netfilter forwards."""
    number, name = parse_conmon(owner.argv or ())
    if number is None:
        return None
    called = f"{name} ({number[:12]})" if name else number[:12]
    evidence = f"conmon (pid {owner.pid}) keeps the port for the container {called}"
    backend = _only(landscape.of_container(listener, number))
    found = _served(BehindKind.PORT_FORWARDER, evidence, backend)
    return found._replace(container=found.container or Container("podman", number))


def rootlesskit(landscape: Landscape, listener: Listener, owner: Process) -> Behind | None:
    """Rootless docker: a docker-proxy further within holds the same port."""
    endpoint = listener.endpoint
    for inner in landscape.on_port(listener, endpoint.transport, endpoint.port):
        proxy = next((one for one in inner.owners if program(one) == "docker-proxy"), None)
        if proxy is not None:
            return docker_proxy(landscape, inner, proxy)
    return unspoken(landscape, listener, owner)


def unspoken(landscape: Landscape, listener: Listener, owner: Process) -> Behind:
    """A forwarder that is told over a pipe where to send: all we know is that it is one."""
    del landscape, listener
    evidence = f"{program(owner)} (pid {owner.pid}) forwards into a container's namespace"
    return Behind(BehindKind.PORT_FORWARDER, evidence)


FORWARDERS: dict[str, Forwarder] = {
    "docker-proxy": docker_proxy,
    "pasta": pasta,
    "passt": unspoken,
    "conmon": conmon,
    "rootlesskit": rootlesskit,
    "rootlessport": unspoken,
    "slirp4netns": unspoken,
}
"""The programs that forward ports, by the names of their processes."""


def _served(kind: BehindKind, evidence: str, backend: Listener | None) -> Behind:
    if backend is None:
        return Behind(kind, evidence)
    return Behind(
        kind,
        evidence,
        endpoint=backend.endpoint,
        owners=backend.owners,
        unit=next((owner.unit for owner in backend.owners if owner.unit), None),
        container=container_of(backend.owners),
    )


def _carries(listener: Listener, transport: Transport) -> bool:
    return (listener.endpoint.transport is Transport.UDP) == (transport is Transport.UDP)


def _descends(listener: Listener, ancestor: Process) -> bool:
    return any(
        step.pid == ancestor.pid for owner in listener.owners for step in owner.ancestry or ()
    )


def _only(listeners: list[Listener]) -> Listener | None:
    """The one that is meant, where only one can be."""
    holders = {listener.owners for listener in listeners}
    return listeners[0] if len(holders) == 1 else None

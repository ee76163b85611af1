"""The cells that the tables, the tree and the graph for people have in common."""

from __future__ import annotations

from homeport.model.address import Scope
from homeport.model.endpoint import Transport, bracketed
from homeport.model.identity import Sureness
from homeport.model.process import Certainty
from homeport.model.record import NamedTuple
from homeport.model.sockets import Listener
from homeport.report.style import Role, Style
from homeport.report.table import Cell, Painted
from homeport.report.words import oldest_first, reach
from homeport.wire.program import short_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from homeport.model.endpoint import Endpoint
    from homeport.model.identity import Identity
    from homeport.model.process import Container, Process, Project
    from homeport.model.snapshot import Snapshot
    from homeport.model.sockets import Behind, Connection, UnixListener

_WILDCARDS = {"0.0.0.0", "::"}
_LOOPBACKS = {"127.0.0.1", "::1"}
_FAR = (Scope.UNSPECIFIED, Scope.GLOBAL, Scope.PRIVATE)
_SHORT_ID = 12

NAMED_STATES = {
    Certainty.AT_LEAST_ONE: "+: there may be more holders; the search stopped at the first.",
    Certainty.INFERRED: "?: inferred from who made the socket; the holder itself is hidden.",
}
"""What the marks after an owner mean."""


_MARKS = {Certainty.AT_LEAST_ONE: " +", Certainty.INFERRED: " ?"}


class Context(NamedTuple):
    """What a row has to know beyond its socket: the moment, who asks, and the namespaces."""

    now_ns: int
    own_uids: frozenset[int]
    namespaces: dict[int, str]


def context_of(snapshot: Snapshot, own_uids: frozenset[int]) -> Context:
    """The context of a snapshot for the person whose uids are given."""
    names = {
        each.inode: "" if each.own else each.name or str(each.inode) for each in snapshot.namespaces
    }
    return Context(snapshot.taken_ns, own_uids, names)


def namespace(inode: int, context: Context) -> str:
    """The name of a network namespace, or its inode; empty for the caller's own."""
    # A snapshot that knows of no namespaces at all has looked at the caller's only.
    return context.namespaces.get(inode, str(inode) if context.namespaces else "")


def folded(listeners: Iterable[Listener]) -> list[list[Listener]]:
    """The listeners, with those of one program on one port together."""
    together: dict[object, list[Listener]] = {}
    for listener in listeners:
        together.setdefault(_same_thing(listener), []).append(listener)
    return list(together.values())


def _same_thing(listener: Listener) -> object:
    endpoint = listener.endpoint
    pids = tuple(owner.pid for owner in listener.owners)
    # Without a known owner, sockets are one thing where the same user and service made them.
    made_by = pids or (listener.uid, listener.cgroup_id)
    where = (_plain_transport(endpoint), endpoint.port, endpoint.interface, listener.netns)
    container = listener.behind.container if listener.behind else None
    return (where, made_by, listener.certainty, container)


def _plain_transport(endpoint: Endpoint) -> Transport:
    """TCP for MPTCP, too, of which the kernel lists the socket and the TCP one that carries it."""
    return Transport.UDP if endpoint.transport is Transport.UDP else Transport.TCP


def widest(same: Sequence[Listener]) -> Listener:
    """The one that reaches farthest: what the others are judged by, too."""
    return max(same, key=lambda each: each.scope in _FAR)


def endpoint_text(same: Sequence[Listener]) -> str:
    """The endpoint of sockets that are one thing: `*:80` is every address of both families."""
    first = same[0].endpoint
    prefix = "udp " if first.transport is Transport.UDP else ""
    device = f"%{first.interface}" if first.interface else ""
    addresses = {each.endpoint.address for each in same}
    if addresses == _WILDCARDS or _is_dual(same):
        return f"{prefix}*{device}:{first.port}"
    if addresses == _LOOPBACKS and not device:
        return f"{prefix}localhost:{first.port}"
    more = f" +{len(addresses) - 1}" if len(addresses) > 1 else ""
    return f"{prefix}{bracketed(first.address, first.interface)}:{first.port}{more}"


def _is_dual(same: Sequence[Listener]) -> bool:
    """Whether it is the IPv6 wildcard that takes IPv4 as well (RFC 3493, 5.3)."""
    return all(each.endpoint.address == "::" and each.v6only is False for each in same)


def what(listener: Listener, style: Style) -> Cell:
    """What it is: what stands behind the holder, what the holder runs, or what the port is for."""
    if listener.behind is not None:
        return f"{style.arrow} {behind_text(listener.behind)}"
    if listener.owners:
        program = short_program(oldest_first(listener.owners)[0])
        if listener.held is not None and listener.held.lease.key is not None:
            service = listener.held.words
            return Painted(f"{service}: {program}", short=service)
        return program
    return Painted(f"{listener.service_name}?" if listener.service_name else "", Role.FAINT)


def speaks(listener: Listener) -> Cell:
    """What it speaks: `http, nginx 1.22.1`; with `?` what is likely and not sure."""
    found = listener.identity
    if found is None:
        return ""
    if found.certainty is Sureness.LIKELY:
        return Painted(f"{identity_text(found)}?", Role.FAINT)
    return identity_text(found)


def identity_text(identity: Identity) -> str:
    """A protocol, over TLS where it is, and the product that speaks it."""
    over = " over TLS" if identity.tls is not None and identity.protocol != "tls" else ""
    product = f"{identity.product or ''} {identity.version or ''}".strip()
    protocol = "TLS" if identity.protocol == "tls" else identity.protocol
    if product.lower().startswith(protocol):
        return f"{product}{over}"
    return f"{protocol}{over}, {product}" if product else f"{protocol}{over}"


def behind_text(behind: Behind) -> str:
    """The service for which somebody else holds the socket."""
    if behind.container is not None:
        return container_text(behind.container)
    if behind.owners:
        return short_program(oldest_first(behind.owners)[0])
    if behind.unit is not None:
        return behind.unit
    return str(behind.endpoint) if behind.endpoint else behind.kind.value


def container_text(container: Container) -> str:
    """The runtime and as much of the id as its own tools print."""
    return f"{container.runtime} {container.id[:_SHORT_ID]}"


def owner(socket: Listener | Connection | UnixListener, context: Context) -> Cell:
    """Who holds the socket: the first process, how many more, and the user if somebody else."""
    user = getattr(socket, "user", None) or (None if socket.uid is None else f"uid {socket.uid}")
    if not socket.owners:
        return _nobody(socket.certainty, user)
    first = oldest_first(socket.owners)[0]
    more = f" +{len(socket.owners) - 1}" if len(socket.owners) > 1 else ""
    somebody_else = first.uid is not None and first.uid not in context.own_uids
    whose = f" ({first.user or first.uid})" if somebody_else else ""
    mark = _MARKS.get(socket.certainty, "")
    role = Role.CARE if socket.certainty is Certainty.INFERRED else None
    text = f"{process_text(first)}{more}"
    # What may be cut is the user and the name, never the pid: a part of a number is another one.
    whole = f" {first.pid}{more}{mark}"
    return Painted(f"{text}{whose}{mark}", role, short=f"{text}{mark}", whole=whole)


def _nobody(certainty: Certainty, user: str | None) -> Cell:
    if certainty is Certainty.UNOWNED:
        return Painted("no process", Role.FAINT)
    return Painted(f"hidden ({user})" if user else "hidden", Role.CARE)


def process_text(process: Process) -> str:
    """A process by name and number."""
    return f"{process.name or '?'} {process.pid}"


def project(socket: Listener | Connection | UnixListener) -> str:
    """The project of the first holder that has one, with its branch."""
    owners = oldest_first(socket.owners)
    if isinstance(socket, Listener) and socket.behind is not None:
        owners += oldest_first(socket.behind.owners)
    found = next((each.project for each in owners if each.project), None)
    return project_text(found) if found else ""


def project_text(project: Project) -> str:
    """A project and its branch."""
    return f"{project.name} ({project.branch})" if project.branch else project.name


def reach_cell(listener: Listener, context: Context) -> Cell:
    """Who can reach it, as the address claims."""
    inside = namespace(listener.netns, context)
    if listener.scope is Scope.LOOPBACK and inside:
        return Painted("its namespace", Role.GOOD)
    return Painted(reach(listener), Role.CARE if listener.scope in _FAR else Role.GOOD)

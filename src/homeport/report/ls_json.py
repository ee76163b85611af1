r"""`homeport/ls@1`: sockets as JSON for programs. Its schema is `schemas/ls-1.json`.

Every field is written here by hand, never dumped from the model: the model may change, this
format only grows. Texts are valid Unicode: a byte that is none becomes the four characters `\xff`.
"""

from __future__ import annotations

from homeport.report.words import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from homeport.model.endpoint import Endpoint
    from homeport.model.identity import Certificate, Identity, Tls
    from homeport.model.lease import LeaseFacts
    from homeport.model.process import Ancestor, Container, Process, Project
    from homeport.model.snapshot import Namespace, Snapshot
    from homeport.model.sockets import Behind, Connection, Listener, UnixListener

SCHEMA = "homeport/ls@1"


def ls_json(snapshot: Snapshot, *, connections: bool = False, unix: bool = False) -> Iterator[str]:
    """The lines of the document: one for each socket, so that a large one is never held whole."""
    from json import dumps

    names = {each.inode: each.name for each in snapshot.namespaces}
    yield f'{{"schema": "{SCHEMA}",'
    yield f'"taken": {dumps(utc(snapshot.taken_ns))},'
    yield from _array("listeners", (listener_json(each, names) for each in snapshot.listeners))
    if connections:
        rows = (connection_json(each, names) for each in snapshot.connections)
        yield from _array("connections", rows)
    if unix:
        rows = (unix_json(each, names) for each in snapshot.unix_listeners)
        yield from _array("unix_listeners", rows)
    yield from _array("namespaces", map(namespace_json, snapshot.namespaces))
    yield f'"strategy": {dumps(snapshot.strategy)},'
    yield f'"limits": {dumps([valid(limit) for limit in snapshot.limits])}}}'


def _array(name: str, rows: Iterable[dict[str, object]]) -> Iterator[str]:
    from json import dumps

    yield f'"{name}": ['
    before = None
    for row in rows:
        if before is not None:
            yield f"{before},"
        before = dumps(row)
    if before is not None:
        yield before
    yield "],"


def valid(text: str) -> str:
    r"""The text with bytes that were no UTF-8 (PEP 383) as `\xff`, and half a surrogate pair so."""
    if text.isascii():
        return text
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a surrogate pair: JSON and YAML of others can hold one
        data = text.encode("utf-8", "backslashreplace")
    return data.decode("utf-8", "backslashreplace")


def _text(text: str | None) -> str | None:
    return None if text is None else valid(text)


def listener_json(listener: Listener, netns_names: dict[int, str | None]) -> dict[str, object]:
    """A listener of `homeport/ls@1`; the names of namespaces by their inode."""
    end = listener.endpoint
    return {
        "transport": end.transport.value,
        "address": end.address,
        "port": end.port,
        "scope": listener.scope.value,
        "port_class": listener.port_class.value,
        "service_name": _text(listener.service_name),
        "interface": _text(end.interface),
        "netns": listener.netns,
        "netns_name": _text(netns_names.get(listener.netns)),
        "inode": listener.inode,
        "v6only": listener.v6only,
        "queue": listener.queue,
        "backlog": listener.backlog,
        "uid": listener.uid,
        "user": _text(listener.user),
        "certainty": listener.certainty.value,
        "owners": [process_json(owner) for owner in listener.owners],
        "behind": None if listener.behind is None else behind_json(listener.behind),
        "identity": None if listener.identity is None else identity_json(listener.identity),
        "lease": None if listener.held is None else lease_json(listener.held.lease),
    }


def lease_json(lease: LeaseFacts) -> dict[str, object]:
    """A lease of the port: for which service, or other name, of which project."""
    key = lease.key
    return {
        "name": None if key is None else valid(key.name),
        "root": None if key is None else valid(key.root),
        "pid": lease.pid,
    }


def identity_json(identity: Identity) -> dict[str, object]:
    """What a listener speaks."""
    return {
        "protocol": identity.protocol,
        "product": _text(identity.product),
        "version": _text(identity.version),
        "certainty": identity.certainty.value,
        "evidence": [valid(each) for each in identity.evidence],
        "tls": None if identity.tls is None else tls_json(identity.tls),
    }


def tls_json(tls: Tls) -> dict[str, object]:
    """A TLS session and the certificate of its server."""
    own = tls.certificate
    return {
        "version": tls.version,
        "alpn": _text(tls.alpn),
        "certificate": None if own is None else certificate_json(own),
    }


def certificate_json(certificate: Certificate) -> dict[str, object]:
    """A certificate, as it describes itself."""
    return {
        "subject": valid(certificate.subject),
        "issuer": valid(certificate.issuer),
        "names": [valid(each) for each in certificate.names],
        "not_before": utc(certificate.not_before_ns),
        "not_after": utc(certificate.not_after_ns),
        "self_signed": certificate.self_signed,
    }


def connection_json(
    connection: Connection, netns_names: dict[int, str | None]
) -> dict[str, object]:
    """A connection of `homeport/ls@1`; the names of namespaces by their inode."""
    return {
        "transport": connection.transport.value,
        "state": connection.state.label,
        "local_address": connection.local_address,
        "local_port": connection.local_port,
        "remote_address": connection.remote_address,
        "remote_port": connection.remote_port,
        "interface": _text(connection.interface),
        "netns": connection.netns,
        "netns_name": _text(netns_names.get(connection.netns)),
        "inode": connection.inode or None,
        "receive_queue": connection.receive_queue,
        "send_queue": connection.send_queue,
        "timer_ms": connection.timer_ms,
        "uid": connection.uid,
        "certainty": connection.certainty.value,
        "owners": [process_json(owner) for owner in connection.owners],
    }


def unix_json(listener: UnixListener, netns_names: dict[int, str | None]) -> dict[str, object]:
    """A unix listener of `homeport/ls@1`; the names of namespaces by their inode."""
    return {
        "transport": "unix",
        "path": _text(listener.path),
        "kind": listener.kind,
        "listening": listener.listening,
        "netns": listener.netns,
        "netns_name": _text(netns_names.get(listener.netns)),
        "inode": listener.inode,
        "queue": listener.queue,
        "backlog": listener.backlog,
        "uid": listener.uid,
        "user": _text(listener.user),
        "certainty": listener.certainty.value,
        "owners": [process_json(owner) for owner in listener.owners],
    }


def process_json(process: Process) -> dict[str, object]:
    """An owner, as every document of Homeport writes it."""
    return {
        "pid": process.pid,
        "started": utc(process.started_ns),
        "name": _text(process.name),
        "argv": None if process.argv is None else _texts(process.argv),
        "exe": _text(process.exe),
        "cwd": _text(process.cwd),
        "uid": process.uid,
        "user": _text(process.user),
        "project": None if process.project is None else project_json(process.project),
        "unit": _text(process.unit),
        "container": None if process.container is None else container_json(process.container),
        "ancestry": None if process.ancestry is None else list(map(_ancestor, process.ancestry)),
    }


def _texts(words: tuple[str, ...]) -> list[str]:
    return [valid(word) for word in words]


def _ancestor(ancestor: Ancestor) -> dict[str, object]:
    return {"pid": ancestor.pid, "name": valid(ancestor.name), "argv": _texts(ancestor.argv)}


def project_json(project: Project) -> dict[str, object]:
    """A project: its directory, and the branch or worktree of git."""
    return {
        "root": valid(project.root),
        "name": valid(project.name),
        "marker": valid(project.marker),
        "branch": _text(project.branch),
        "worktree": _text(project.worktree),
    }


def container_json(container: Container) -> dict[str, object]:
    """A container by its runtime and full id."""
    return {"runtime": valid(container.runtime), "id": valid(container.id)}


def endpoint_json(endpoint: Endpoint) -> dict[str, object]:
    """An endpoint in its parts."""
    return {
        "transport": endpoint.transport.value,
        "address": endpoint.address,
        "port": endpoint.port,
        "interface": _text(endpoint.interface),
    }


def behind_json(behind: Behind) -> dict[str, object]:
    """The service for which somebody else holds a socket."""
    return {
        "kind": behind.kind.value,
        "evidence": valid(behind.evidence),
        "endpoint": None if behind.endpoint is None else endpoint_json(behind.endpoint),
        "owners": [process_json(owner) for owner in behind.owners],
        "unit": _text(behind.unit),
        "container": None if behind.container is None else container_json(behind.container),
    }


def namespace_json(namespace: Namespace) -> dict[str, object]:
    """A network namespace that was looked into."""
    return {
        "inode": namespace.inode,
        "name": _text(namespace.name),
        "pid": namespace.pid,
        "own": namespace.own,
        "complete": namespace.complete,
    }

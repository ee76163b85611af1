"""`homeport/explain@1`: an explanation for programs, as JSON; see `schemas/explain-1.json`.

Written by hand field by field, as `ls_json` is: the model may change, this format only grows.
"""

from __future__ import annotations

from homeport.report.ls_json import (
    connection_json,
    lease_json,
    listener_json,
    process_json,
    valid,
)
from homeport.report.services_json import service_json
from homeport.report.words import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeport.model.event import Tenancy
    from homeport.model.explanation import (
        AddressFacts,
        BindAnswer,
        Client,
        Explanation,
        FoundListener,
        Lingering,
        PortFacts,
        RegisteredService,
        Subject,
        UsualPort,
    )
    from homeport.model.home import Held
    from homeport.model.process import Process
    from homeport.model.sockets import Connection
    from homeport.model.status import ProjectStatus, ServiceStatus
    from homeport.model.target import Target

SCHEMA = "homeport/explain@1"


def explain_json(explanation: Explanation) -> str:
    """The document."""
    from json import dumps

    return dumps(document(explanation), indent=2)


def document(explanation: Explanation) -> dict[str, object]:
    """The document as plain values."""
    port = explanation.port
    return {
        "schema": SCHEMA,
        "taken": utc(explanation.taken_ns),
        "subject": _subject(explanation.subject),
        "verdict": valid(explanation.verdict),
        "addresses": [_address(each) for each in explanation.addresses],
        "port": None if port is None else _port(port),
        "process": None if explanation.process is None else process_json(explanation.process),
        "listeners": [_found(each) for each in explanation.listeners],
        "candidates": [listener_json(each, {}) for each in explanation.candidates],
        "clients": [_client(each) for each in explanation.clients],
        "outgoing": [_client(each) for each in explanation.outgoing],
        "time_wait": [_lingering(each) for each in explanation.lingering],
        "binding": [_binding(each) for each in explanation.binding],
        "history": None if explanation.history is None else _tenancies(explanation.history),
        "others": [
            {"target": _target(each.target), "verdict": valid(each.verdict)}
            for each in explanation.others
        ],
        "notes": _texts(explanation.notes),
        "next_steps": [
            {"command": valid(each.command), "purpose": valid(each.purpose)}
            for each in explanation.next_steps
        ],
        "limits": _texts(explanation.limits),
        "lease": None if explanation.held is None else lease_json(explanation.held.lease),
        "service": None if explanation.held is None else _service_of(explanation.held),
        "routes": [_service(*each) for each in explanation.routes],
    }


def _service_of(held: Held) -> dict[str, object] | None:
    if held.project is None or held.service is None:
        return None
    return _service(held.project, held.service)


def _service(project: ProjectStatus, service: ServiceStatus) -> dict[str, object]:
    return {
        "project": project.name,
        "root": valid(project.root),
        "supervisor": project.pid,
        **service_json(service),
    }


def _text(text: str | None) -> str | None:
    return None if text is None else valid(text)


def _texts(texts: Iterable[str]) -> list[str]:
    return [valid(text) for text in texts]


def _subject(subject: Subject) -> dict[str, object]:
    return {
        "kind": subject.kind.value,
        "asked": valid(subject.asked),
        "target": None if subject.target is None else _target(subject.target),
        "symptom": None if subject.symptom is None else subject.symptom.value,
        "pid": subject.pid,
    }


def _target(target: Target) -> dict[str, object]:
    return {
        "transport": None if target.transport is None else target.transport.value,
        "address": target.address,
        "port": target.port,
        "host": _text(target.host),
        "interface": _text(target.interface),
        "scheme": _text(target.scheme),
        "wildcard": target.wildcard,
    }


def _address(address: AddressFacts) -> dict[str, object]:
    return {
        "address": address.address,
        "scope": address.scope.value,
        "block": address.block,
        "source": address.source,
        "interface": _text(address.interface),
        "reach": valid(address.reach),
    }


def _port(port: PortFacts) -> dict[str, object]:
    span = port.assigned_from
    return {
        "port": port.port,
        "class": port.port_class.value,
        "registered": None
        if port.registered is None
        else [_registered(each) for each in port.registered],
        "usual": [_usual(each) for each in port.usual],
        "assigned_from": None if span is None else [span.first, span.last],
        "assigned": port.assigned,
        "reserved": port.reserved,
        "privileged": port.privileged,
        "may_bind": port.may_bind,
        "browsers_refuse": port.browsers_refuse,
    }


def _registered(service: RegisteredService) -> dict[str, object]:
    return {
        "name": valid(service.name),
        "transport": service.transport.value,
        "aliases": _texts(service.aliases),
    }


def _usual(usual: UsualPort) -> dict[str, object]:
    return {
        "product": usual.product,
        "transport": usual.transport.value,
        "purpose": usual.purpose,
        "source": usual.source,
    }


def _found(found: FoundListener) -> dict[str, object]:
    names = {found.listener.netns: found.namespace}
    return {"relation": found.relation.value, **listener_json(found.listener, names)}


def _client(client: Client) -> dict[str, object]:
    return {
        "connection": _connection(client.connection),
        "far_end": None if client.processes is None else _processes(client.processes),
    }


def _connection(connection: Connection) -> dict[str, object]:
    return connection_json(connection, {})


def _processes(processes: Iterable[Process]) -> list[dict[str, object]]:
    return [process_json(each) for each in processes]


def _lingering(lingering: Lingering) -> dict[str, object]:
    return {
        "connection": _connection(lingering.connection),
        "until": utc(lingering.until_ns),
    }


def _binding(answer: BindAnswer) -> dict[str, object]:
    return {
        "address": answer.address,
        "plain": answer.plain.value,
        "reuse_address": answer.reuse_address.value,
        "reuse_port": answer.reuse_port.value,
        "why": _text(answer.why),
        "unless": _text(answer.unless),
    }


def _tenancies(history: Iterable[Tenancy]) -> list[dict[str, object]]:
    return [
        {
            "transport": each.endpoint.transport.value,
            "address": each.endpoint.address,
            "port": each.endpoint.port,
            "interface": _text(each.endpoint.interface),
            "opened": utc(each.opened_ns),
            "first_seen": utc(each.seen_ns),
            "closed": utc(each.closed_ns),
            "closed_known": each.closed_known,
            "open": each.closed_ns is None,
            "pid": each.pid,
            "name": _text(each.name),
            "argv": _texts(each.argv),
            "user": _text(each.user),
            "cwd": _text(each.cwd),
            "project": _text(each.project),
        }
        for each in history
    ]

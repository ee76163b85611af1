"""What to do next, as commands, and what else is worth knowing."""

from __future__ import annotations

from homeport.model.address import Scope, is_ipv6, scope_of, unmapped
from homeport.model.endpoint import Transport, bracketed
from homeport.model.explanation import BindVerdict, NextStep, Relation, Symptom
from homeport.model.port import MAX_PORT
from homeport.model.process import Certainty
from homeport.see.explain.browser_ports import SOURCE, browsers_refuse
from homeport.see.explain.homes import home_notes, home_steps, is_gateway

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from homeport.model.snapshot import Snapshot
    from homeport.model.sockets import Listener
    from homeport.see.explain.view import View

# What speaks to a server from a shell: address and port go into the braces.
_CLIENTS = {
    22: "ssh -p {port} {address}",
    3306: "mysql -h {address} -P {port}",
    5432: "psql -h {address} -p {port}",
    6379: "redis-cli -h {address} -p {port}",
    27017: "mongosh --host {address} --port {port}",
}
_CONNECTING = (Symptom.REFUSED, Symptom.RESET, Symptom.CLOSED, Symptom.TIMED_OUT)
_WEB = (80, 3000, 4200, 5000, 5173, 8000, 8080, 8081, 8888, 9000)


def next_steps(view: View) -> tuple[NextStep, ...]:
    """Commands that help from here, the most useful first."""
    return tuple(_steps(view))


def _steps(view: View) -> Iterator[NextStep]:
    serving = view.serving
    hidden = any(each.certainty in (Certainty.HIDDEN, Certainty.INFERRED) for each in serving)
    if hidden and view.facts.uid != 0:
        yield NextStep(f"sudo homeport explain {_short(view)}", "see the process that is hidden")
    yield from _try_it(view)
    yield from home_steps(view)
    yield from _end_it(view)
    if view.symptom in _CONNECTING and view.serving:
        yield NextStep(f"homeport check {view.target}", "find out why it does not answer")
    if not view.here:
        yield NextStep(f"homeport watch --port {view.port}", "see when something opens it")
    yield from _past(view)


def _end_it(view: View) -> Iterator[NextStep]:
    if view.symptom is Symptom.IN_USE and any(each.owners for each in view.here):
        yield NextStep(f"homeport kill {_short(view)}", "end the process that has it")
    elif any(each.owners for each in view.serving) and not is_gateway(view):
        yield NextStep(f"homeport kill {_short(view)}", "end what listens, and no client of it")


def _short(view: View) -> str:
    prefix = "udp/" if view.target.transport is Transport.UDP else ""
    return f"{prefix}{view.port}"


def _try_it(view: View) -> Iterator[NextStep]:
    """The client's command with the address at which something answers."""
    if view.symptom is Symptom.IN_USE:
        return
    near = view.serving or view.related(Relation.OTHER_FAMILY, Relation.OTHER_ADDRESS)
    if not near or near[0].endpoint.transport is Transport.UDP:
        return
    address = _to_connect(near[0])
    if view.port in _CLIENTS:
        command = _CLIENTS[view.port].format(address=address, port=view.port)
    elif view.port in _WEB:
        host = f"[{address}]" if is_ipv6(address) else address
        command = f"curl -v http://{host}:{view.port}/"
    elif view.serving:
        return
    else:
        command = f"nc -vz {address} {view.port}"
    purpose = "try it" if view.serving else "try the address on which it listens"
    yield NextStep(command, purpose)


def _to_connect(listener: Listener) -> str:
    address = unmapped(listener.endpoint.address)
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)


def _past(view: View) -> Iterator[NextStep]:
    if view.facts.history is None:
        if not view.here:
            yield NextStep("homeport watch --record", "know next time who had it")
    else:
        yield NextStep(f"homeport history {view.port}", "see who had it, and when")


def notes(view: View, snapshot: Snapshot) -> tuple[str, ...]:
    """Traps that belong to this port or this answer."""
    return tuple(_notes(view, snapshot))


def _notes(view: View, snapshot: Snapshot) -> Iterator[str]:
    if browsers_refuse(view.port) and view.serving:
        yield f"Browsers refuse to open port {view.port} ({SOURCE})."
    taken = any(answer.plain is BindVerdict.TAKEN for answer in view.binding)
    if taken and view.symptom is Symptom.IN_USE:
        free = next_free(view.port, snapshot)
        if free is not None:
            yield f"The next port on which nothing listens is {free}."
    yield from home_notes(view)
    yield from _both_families(view)
    yield from _mapped(view)
    for listener in view.serving:
        if listener.room and listener.queue >= listener.room:
            yield (
                f"Its accept queue is full: {listener.queue} connections wait, "
                f"and there is room for {listener.room}: the backlog of listen(2), and one."
            )


def _mapped(view: View) -> Iterator[str]:
    """What an IPv4-mapped address is, where the one asked for or the one bound is written so."""
    bound = (each.endpoint.address for each in view.serving)
    mapped = next(
        (each for each in (*view.target.addresses, *bound) if unmapped(each) != each), None
    )
    if mapped is not None:
        yield (
            f"{mapped} is {unmapped(mapped)} as IPv6 sockets write it (IPv4-mapped, RFC 4291, "
            "2.5.5.2): to the kernel it is the same address."
        )


def _both_families(view: View) -> Iterator[str]:
    """How a client that went to the wrong loopback address is helped."""
    other = view.related(Relation.OTHER_FAMILY)
    if view.symptom is not Symptom.REFUSED or not other:
        return
    asked, there = view.target.address, _to_connect(other[0])
    if asked is not None and scope_of(asked) is scope_of(there) is Scope.LOOPBACK:
        url = f"{bracketed(there)}:{view.port}"
        yield (
            f"Write {url} in place of localhost:{view.port} in the client, "
            f"or let the server listen on {asked}, too."
        )


def next_free(port: int, snapshot: Snapshot) -> int | None:
    """The next higher port without a listener that browsers do not refuse; None: there is none."""
    used = {listener.endpoint.port for listener in snapshot.listeners}
    above = range(port + 1, min(port + 1000, MAX_PORT) + 1)
    return next((each for each in above if each not in used and not browsers_refuse(each)), None)

"""What each layer looked like, in one line, whatever the rules make of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer, LayerReport, Standing
from homeport.see.diagnose.words import listener_words, pulse_words
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeport.see.diagnose.case import Case

_ORDER = list(Layer)


def layer_reports(case: Case, failed: Layer | None) -> tuple[LayerReport, ...]:
    """All layers; the one that failed is marked, and what was not reached behind it."""
    if case.binding:
        return _for_binding(case, failed)
    reports = [_LOOKS[layer](case)._replace(layer=layer) for layer in Layer]
    if failed is None:
        return tuple(reports)
    at = _ORDER.index(failed)
    return tuple(_against(report, place - at) for place, report in enumerate(reports))


def _for_binding(case: Case, failed: Layer | None) -> tuple[LayerReport, ...]:
    """Whoever wants to listen meets only the name and those who hold the port."""
    told = "nothing stands in the way of listening there"
    holds = LayerReport(Layer.LISTENER, Standing.PASSED, told)
    if failed is not None:
        why = case.wanted.why if case.wanted else None
        held = "the port is held" if case.here or case.bound else "somebody may forbid it"
        holds = holds._replace(standing=Standing.FAILED, told=why or held)
    return (_name(case)._replace(layer=Layer.NAME), holds)


def _against(report: LayerReport, distance: int) -> LayerReport:
    if distance == 0:
        return report._replace(standing=Standing.FAILED)
    if distance > 0 and report.standing is not Standing.PASSED:
        return report._replace(standing=Standing.NOT_REACHED)
    if distance < 0 and report.standing is Standing.FAILED:
        return report._replace(standing=Standing.UNKNOWN)
    return report


def _passed(told: str, *facts: str) -> LayerReport:
    return LayerReport(Layer.ENVIRONMENT, Standing.PASSED, told, facts)


def _failed(told: str, *facts: str) -> LayerReport:
    return LayerReport(Layer.ENVIRONMENT, Standing.FAILED, told, facts)


def _unknown(told: str, *facts: str) -> LayerReport:
    return LayerReport(Layer.ENVIRONMENT, Standing.UNKNOWN, told, facts)


def _environment(case: Case) -> LayerReport:
    who = "this process" if case.client.own else f"process {case.client.pid}"
    proxies = [
        name for name in case.client.environment if name.lower() in {"http_proxy", "all_proxy"}
    ]
    place = "" if case.client.namespace is None else ", in a network namespace of its own"
    return _passed(f"seen as {who}{place}", *(f"{name} is set" for name in proxies))


def _name(case: Case) -> LayerReport:
    found = case.resolution
    if found.error is not None:
        return _failed(f"{found.name} stands for nothing: {found.error}")
    if found.addresses == (found.name,):
        return _passed(f"{found.name} is an address")
    return _passed(f"{found.name} is {', '.join(found.addresses)}")


def _route(case: Case) -> LayerReport:
    down = case.machine.loopback_up is False
    if down and case.is_loopback and case.connected is None:
        return _failed("the interface lo is down")
    if not case.attempts:
        return _unknown("nothing was tried")
    return _passed("to this machine" if case.is_loopback else "out of loopback")


def _listener(case: Case) -> LayerReport:
    if case.listener is None and case.connected is not None:
        return _unknown("who answers is not to be seen from here")
    if case.listener is None:
        told = "nothing listens there"
        return _failed(told, *(listener_words(each) for each in (*case.here, *case.elsewhere)))
    return _passed(listener_words(case.listener))


def _owner(case: Case) -> LayerReport:
    if case.listener is None:
        return _unknown("nobody")
    pulses = case.pulses or case.before_pulses
    if not pulses:
        return _unknown("the processes that hold it are hidden")
    told = pulse_words(case, pulses[0])
    more = f", and {len(pulses) - 1} more" if len(pulses) > 1 else ""
    return _passed(f"{told}{more}", *(pulse_words(case, each) for each in pulses[1:]))


def _firewall(case: Case) -> LayerReport:
    if case.connected is not None:
        return _passed("lets it through")
    if case.firewall.why_hidden is not None:
        return _unknown(case.firewall.why_hidden)
    moved = [f"{each.place}: {each}" for each in case.firewall.moved]
    if moved:
        return _failed("rules counted packets meanwhile", *moved)
    return _passed("no rule counted a packet")


def _tcp(case: Case) -> LayerReport:
    told = [each.told for each in case.attempts]
    queue = case.now or case.listener
    facts = []
    if queue is not None:
        most = "" if queue.backlog is None else f" of {queue.backlog}"
        facts.append(f"{queue.queue}{most} connections wait to be accepted")
    if case.counters is not None:
        facts.append(f"accept queues found full meanwhile: {case.counters.overflows}")
    if case.connected is None:
        return _failed("; ".join(told) or "nothing was tried", *facts)
    return _passed(told[-1], *facts)


def _tls(case: Case) -> LayerReport:
    if not case.service.over_tls:
        return _passed("not asked for")
    heard = None if case.talk is None else case.talk.heard
    if heard is None:
        return _unknown("not tried")
    if heard.ended is Ended.UNSECURED:
        return _failed(heard.why or "the handshake failed")
    return _passed(heard.tls.version if heard.tls else "established")


def _protocol(case: Case) -> LayerReport:
    talk = case.talk
    if talk is None:
        return _unknown("nothing was said")
    if talk.response is not None:
        return _passed(f"HTTP/{talk.response.version}")
    if talk.identity is not None:
        return _passed(talk.identity.protocol)
    if talk.error is not None or talk.healthy:
        return _passed(case.service.scheme or "understood")
    return _failed(_said(case))


def _said(case: Case) -> str:
    heard = case.talk.heard if case.talk else None
    if heard is None or heard.ended is Ended.UNSECURED:
        return "nothing was said"
    if not heard.data:
        return f"not a byte came, the end was: {heard.ended}"
    return f"{len(heard.data)} bytes came that are no {case.service.scheme or 'known protocol'}"


def _application(case: Case) -> LayerReport:
    talk = case.talk
    if talk is None:
        return _unknown("not reached")
    if talk.healthy:
        return _passed(talk.response.line if talk.response else "answers")
    if talk.response is not None:
        return _failed(talk.response.line)
    if talk.error is not None:
        return _failed(" ".join(talk.error))
    return _unknown("no answer to judge")


_LOOKS: dict[Layer, Callable[[Case], LayerReport]] = {
    Layer.ENVIRONMENT: _environment,
    Layer.NAME: _name,
    Layer.ROUTE: _route,
    Layer.LISTENER: _listener,
    Layer.OWNER: _owner,
    Layer.FIREWALL: _firewall,
    Layer.TCP: _tcp,
    Layer.TLS: _tls,
    Layer.PROTOCOL: _protocol,
    Layer.APPLICATION: _application,
}

"""C1: the client sends requests for this machine to a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.wire.proxies import bypassed, proxy_for
from homeport.wire.secrets import masked

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    service, environment = case.service, case.client.environment
    if not service.is_http:
        return None
    found = proxy_for(service.scheme or "http", environment)
    if found is None or bypassed(service.host, service.port, environment):
        return None
    variable, proxy = found
    told = [f"{variable}={masked(proxy)} stands in the client's environment"]
    excepted = environment.get("no_proxy", environment.get("NO_PROXY"))
    told.append(f"NO_PROXY is {excepted!r}" if excepted else "NO_PROXY excepts nothing")
    if case.talk is not None and case.talk.response is not None:
        told.append(f"asked directly, the service answers: {case.talk.response.line}")
    return Verdict(tuple(told), "export NO_PROXY=localhost,127.0.0.1,::1 no_proxy=$NO_PROXY")


RULE = Rule(
    id="C1",
    title="the client asks a proxy, not the service",
    layer=Layer.ENVIRONMENT,
    symptom="answers of a proxy (403, 502, Via) for an address of this machine",
    looks_for="http_proxy or the like in the client's environment, and no matching NO_PROXY",
    fix="except this machine: NO_PROXY=localhost,127.0.0.1,::1",
    judge=_judge,
)

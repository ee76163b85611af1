"""N1: the name stands for IPv6 first, and the server listens on IPv4 only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.address import is_ipv6
from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import listener_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    first = next(iter(case.attempts), None)
    if first is None or not is_ipv6(first.address) or first.outcome is not Outcome.REFUSED:
        return None
    served = [each for each in case.here if not is_ipv6(each.endpoint.address)]
    if case.resolution.name == first.address or not served:
        return None
    place = served[0].endpoint
    told = [
        f"{case.resolution.name} stands for {', '.join(case.addresses)}",
        first.told,
        f"the server listens on IPv4 only: {listener_words(served[0])}",
    ]
    if case.connected is not None:
        told.append(f"a client that goes on to {case.connected.address} gets through, others fail")
    return Verdict(
        tuple(told),
        f"in the client, write {place} in place of {case.service.place}; or let the server listen "
        "on ::1, too (node: --dns-result-order=ipv4first)",
        Sureness.SURE if case.connected is None else Sureness.LIKELY,
    )


RULE = Rule(
    id="N1",
    title="the name means IPv6 first, and the server listens on IPv4 only",
    layer=Layer.NAME,
    symptom="ECONNREFUSED ::1, while 127.0.0.1 answers",
    looks_for="the first address is refused, a listener on the port is there for the other family",
    fix="write 127.0.0.1 in the client, or bind both families",
    judge=_judge,
)

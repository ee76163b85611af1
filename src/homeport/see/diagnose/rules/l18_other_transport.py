"""L18: the port is served over UDP only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.endpoint import Transport
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import listener_words, told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.connected or case.here or not case.outcomes(Outcome.REFUSED):
        return None
    own = case.own_netns
    over_udp = [
        each
        for each in case.snapshot.listeners
        if each.endpoint.port == case.port
        and each.endpoint.transport is Transport.UDP
        and each.netns in own
    ]
    if not over_udp:
        return None
    return Verdict(
        (*told_attempts(case), f"over UDP there is {listener_words(over_udp[0])}"),
        "use a client that speaks UDP, or let the server listen on TCP",
        Sureness.LIKELY,
    )


RULE = Rule(
    id="L18",
    title="the port is served over UDP, and the client comes over TCP",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED over TCP",
    looks_for="a bound UDP socket of the port, and no TCP listener",
    fix="use the transport that is served",
    judge=_judge,
)

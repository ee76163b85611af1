"""L13: the service listens on another address of this machine than the one asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.address import is_ipv6
from homeport.model.diagnosis import Layer
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import listener_words, told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.connected or case.listener is not None or not case.outcomes(Outcome.REFUSED):
        return None
    families = {is_ipv6(each) for each in case.addresses}
    other = [each for each in case.here if is_ipv6(each.endpoint.address) in families]
    if not other:
        return None
    return Verdict(
        (
            *told_attempts(case),
            f"the port is served on another address: {listener_words(other[0])}",
        ),
        f"connect to {other[0].endpoint}, or let the server listen on {case.addresses[0]}",
    )


RULE = Rule(
    id="L13",
    title="the service listens on another address",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED on one address, while another one answers",
    looks_for="a listener of the port, of the same family, on an address that is not the one asked",
    fix="connect to the address on which it listens",
    judge=_judge,
)

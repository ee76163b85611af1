"""N2: the client goes to IPv4, and the server listens on IPv6 only."""

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
    refused = case.outcomes(Outcome.REFUSED)
    if case.connected or not refused or any(is_ipv6(each) for each in case.addresses):
        return None
    served = [each for each in case.here if is_ipv6(each.endpoint.address)]
    if not served or len(served) < len(case.here):
        return None
    return Verdict(
        (*told_attempts(case), f"the server listens on IPv6 only: {listener_words(served[0])}"),
        f"in the client, write {served[0].endpoint}; or let the server listen on 127.0.0.1, too",
    )


RULE = Rule(
    id="N2",
    title="the client goes to IPv4, and the server listens on IPv6 only",
    layer=Layer.NAME,
    symptom="ECONNREFUSED 127.0.0.1, while ::1 answers",
    looks_for="only IPv4 is tried and refused, all listeners of the port are IPv6",
    fix="write [::1] or localhost in the client, or bind 127.0.0.1",
    judge=_judge,
)

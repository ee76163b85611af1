"""N8: an IPv6 address is asked for, and this machine has IPv6 switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.address import is_ipv6
from homeport.model.diagnosis import Layer
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import listener_words, told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_BROKEN = (Outcome.NO_ADDRESS, Outcome.UNREACHABLE, Outcome.FAILED)


def _judge(case: Case) -> Verdict | None:
    broken = [each for each in case.attempts if each.outcome in _BROKEN]
    if case.connected or not broken or not all(is_ipv6(each.address) for each in case.attempts):
        return None
    if any(each.address == "::1" for each in case.machine.addresses):
        return None
    told = [*told_attempts(case), "no interface of this machine has the address ::1"]
    if case.machine.ipv6 is False:
        told.append("IPv6 is switched off (net.ipv6.conf.lo.disable_ipv6 is 1, or has no module)")
    told += [listener_words(each) for each in case.here]
    return Verdict(
        tuple(told),
        f"use http://127.0.0.1:{case.port} or the like in the client; or switch IPv6 on: "
        "sysctl -w net.ipv6.conf.lo.disable_ipv6=0",
    )


RULE = Rule(
    id="N8",
    title="IPv6 is switched off, and the client goes to an IPv6 address",
    layer=Layer.NAME,
    symptom="EADDRNOTAVAIL or ENETUNREACH for ::1",
    looks_for="the connection fails, and no interface has ::1",
    fix="use 127.0.0.1",
    judge=_judge,
)

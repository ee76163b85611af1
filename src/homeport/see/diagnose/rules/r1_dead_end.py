"""R1: a route says that the address is not to be reached."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.detour import detour
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


_ERRORS = {
    errno.EHOSTUNREACH: "unreachable",
    errno.EACCES: "prohibit",
    errno.EINVAL: "blackhole",
    errno.ENETUNREACH: "throw",
}


def _judge(case: Case) -> Verdict | None:
    for attempt in case.attempts:
        kind = _ERRORS.get(attempt.errno or 0)
        routes = [
            each
            for each in case.machine.routes or ()
            if each.kind == kind and each.takes(attempt.address)
        ]
        if routes and case.connected is None and detour(case) is None:
            closest = max(routes, key=lambda each: int("0" + each.prefix.partition("/")[2]))
            return Verdict(
                (attempt.told, f"there is a route “{closest.kind} {closest.prefix}”"),
                closest.command,
                Sureness.SURE,
            )
    return None


RULE = Rule(
    id="R1",
    title="a route forbids the address",
    layer=Layer.ROUTE,
    symptom="EHOSTUNREACH, EACCES or EINVAL at once",
    looks_for="a route of type unreachable, prohibit or blackhole that takes the address",
    fix="ip route del",
    judge=_judge,
)

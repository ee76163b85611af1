"""Whether policy routing keeps a packet from where it should go, as a VPN's kill switch does."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from homeport.model.address import is_ipv6
from homeport.model.record import NamedTuple
from homeport.see.diagnose.case import Outcome

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Attempt, Case
    from homeport.wire.policy_routing import PolicyRule
    from homeport.wire.routes import DeadEnd

# What connect(2) says: of a rule by fib_rules (FR_ACT_…), of a route by its type (fib_props).
_OF_RULE = {
    errno.EACCES: "prohibit",
    errno.ENETUNREACH: "unreachable",
    errno.EINVAL: "blackhole",
}
_OF_ROUTE = {
    errno.EACCES: "prohibit",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "unreachable",
    errno.EINVAL: "blackhole",
}


class Detour(NamedTuple):
    """The rule that took the attempt's packets, and where: a dead end of its table, a tunnel."""

    attempt: Attempt
    rule: PolicyRule
    dead_end: DeadEnd | None = None
    tunnel: str | None = None


def detour(case: Case) -> Detour | None:
    """What policy routing did to an attempt that failed; None where it had no part in it."""
    if case.connected is not None:
        return None
    for attempt in case.attempts:
        family = 6 if is_ipv6(attempt.address) else 4
        rules = [each for each in case.confines.rules or () if each.family == family]
        for rule in rules:
            found = _by(case, attempt, rule)
            if found is not None:
                return found
    return None


def _by(case: Case, attempt: Attempt, rule: PolicyRule) -> Detour | None:
    code = attempt.errno or 0
    if rule.forbids:
        met = rule.action == _OF_RULE.get(code) and not rule.narrow
        met = met and (rule.mark is None or rule.inverted)
        return Detour(attempt, rule) if met else None
    if not rule.for_unmarked or rule.table is None:
        return None
    for each in case.machine.routes or ():
        same = each.table == rule.table and each.takes(attempt.address)
        if same and each.kind == _OF_ROUTE.get(code):
            return Detour(attempt, rule, dead_end=each)
    lost = attempt.outcome in (Outcome.TIMED_OUT, Outcome.UNREACHABLE)
    way = next((each for each in case.confines.ways if each.address == attempt.address), None)
    if lost and way is not None and way.interface in case.confines.tunnels:
        return Detour(attempt, rule, tunnel=way.interface)
    return None

"""K17: policy routing, as a VPN client sets it up, keeps the packet from its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.detour import detour
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case
    from homeport.see.diagnose.detour import Detour


def _judge(case: Case) -> Verdict | None:
    found = detour(case)
    if found is None:
        return None
    vpn = found.rule.for_unmarked
    told = [found.attempt.told, f"the rule of policy routing “{found.rule.told}” takes it"]
    if vpn:
        told.append(f"it is for all that does not bear the mark {found.rule.mark}: a VPN's client")
    told += _where(found)
    address = found.attempt.address.partition("%")[0]
    table = "" if found.rule.family == 4 else "-6 "
    return Verdict(
        tuple(told),
        f"in the VPN's client allow local networks (split tunnel), or: ip {table}rule add to "
        f"{address} lookup main priority {max(found.rule.priority - 1, 1)}"
        if vpn
        else found.rule.command,
        Sureness.LIKELY if found.tunnel is not None else Sureness.SURE,
        title=None if vpn else "a rule of policy routing forbids the address",
        tell_apart=f"ip route get {address}; with the VPN down, does it work?",
    )


def _where(found: Detour) -> tuple[str, ...]:
    if found.dead_end is not None:
        end = found.dead_end
        return (f"table {end.table} has the route “{end.kind} {end.prefix}”",)
    if found.tunnel is not None:
        return (f"it is sent into {found.tunnel}, a tunnel, and no answer comes",)
    return ()


RULE = Rule(
    id="K17",
    title="a VPN's policy routing keeps the packet from its way (kill switch)",
    layer=Layer.ROUTE,
    symptom="EACCES, EINVAL, ENETUNREACH or a timeout, for containers and the local network too",
    looks_for="a rule for all but marked packets (ip rule), and its table: a dead end, or a tunnel",
    fix="allow local networks in the VPN's client",
    judge=_judge,
)

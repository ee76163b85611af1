"""R2: the address is one of this machine no longer, or not yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.address import Scope, is_ipv6, scope_of
from homeport.model.diagnosis import Layer
from homeport.see.diagnose.case import Outcome, family
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.connected is not None or not case.machine.addresses:
        return None
    for attempt in case.attempts:
        if attempt.outcome in (Outcome.CONNECTED, Outcome.REFUSED):
            continue
        plain = attempt.address.partition("%")[0]
        there = [each for each in case.machine.addresses if each.address == plain]
        down = [each.interface for each in there if each.interface in case.machine.down]
        if down and down[0] != "lo":
            return Verdict(
                (attempt.told, f"{plain} is an address of {down[0]}, and {down[0]} is down"),
                f"ip link set {down[0]} up",
                title=f"the interface {down[0]} is down",
            )
        if scope_of(plain) is Scope.LOOPBACK and not _has_loopback(case, plain):
            return Verdict(
                (attempt.told, f"no interface has an address of loopback in {family(plain)}"),
                f"ip address add {_LOOPBACK[is_ipv6(plain)]} dev lo",
                title="the loopback interface has lost its address",
            )
    return None


_LOOPBACK = {False: "127.0.0.1/8", True: "::1/128"}


def _has_loopback(case: Case, address: str) -> bool:
    # Without IPv6 at all there is another cause (N8).
    ipv6 = is_ipv6(address)
    return any(
        is_ipv6(each.address) is ipv6 and scope_of(each.address) is Scope.LOOPBACK
        for each in case.machine.addresses
    ) or (ipv6 and case.machine.ipv6 is not True)


RULE = Rule(
    id="R2",
    title="no interface that is up has the address",
    layer=Layer.ROUTE,
    symptom="ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL or a timeout",
    looks_for="the addresses of all interfaces, and which of them are down",
    fix="ip address add, ip link set up",
    judge=_judge,
)

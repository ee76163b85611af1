"""C6: the client has used up its local ports towards this service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.address import unmapped
from homeport.model.diagnosis import Layer
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_NEARLY_ALL = 0.9


def _judge(case: Case) -> Verdict | None:
    policy = case.machine.policy
    if policy is None or not case.here or not case.outcomes(Outcome.NO_ADDRESS):
        return None
    targets = {each.partition("%")[0] for each in case.addresses}
    used = {
        each.local_port
        for each in case.snapshot.connections
        if each.remote_port == case.port and unmapped(each.remote_address) in targets
    }
    there_are = policy.assigned.last - policy.assigned.first + 1
    if len(used) < there_are * _NEARLY_ALL:
        return None
    return Verdict(
        (
            *told_attempts(case),
            (
                f"{len(used)} connections from here to port {case.port}, TIME-WAIT among them, use "
                f"nearly all of the {there_are} local ports that are assigned ({policy.assigned})"
            ),
        ),
        "let the client keep its connections open and use them again (keep-alive, a pool); or "
        "sysctl -w net.ipv4.ip_local_port_range='15000 60999'",
    )


RULE = Rule(
    id="C6",
    title="the client has no local port left for another connection",
    layer=Layer.ENVIRONMENT,
    symptom="EADDRNOTAVAIL on connect, while the service is up",
    looks_for="as many connections to the service as there are ports in ip_local_port_range",
    fix="use connections again, or widen the range",
    judge=_judge,
)

"""K1: a rule of the firewall drops what comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.on_the_way import judged
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    return judged(case, "K1")


RULE = Rule(
    id="K1",
    title="a firewall rule drops the connection",
    layer=Layer.FIREWALL,
    symptom="the connect times out",
    looks_for="a rule with drop at input, prerouting or ingress that the packet meets, its counter",
    fix="remove the rule, or accept the port before it",
    judge=_judge,
    needs_root="to read the rules of the firewall",
)

"""K3: no rule accepts the port, and the policy of the chain is drop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.on_the_way import judged
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    return judged(case, "K3")


RULE = Rule(
    id="K3",
    title="the firewall accepts nothing for this port: its policy is drop",
    layer=Layer.FIREWALL,
    symptom="the connect times out",
    looks_for="a base chain with policy drop in which no rule accepts the packet",
    fix="accept the port, or loopback as a whole",
    judge=_judge,
    needs_root="to read the rules of the firewall",
)

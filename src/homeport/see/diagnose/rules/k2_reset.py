"""K2: a rule of the firewall resets the connection: it looks like a closed port."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.on_the_way import judged
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    return judged(case, "K2")


RULE = Rule(
    id="K2",
    title="a firewall rule resets the connection",
    layer=Layer.FIREWALL,
    symptom="ECONNREFUSED, although somebody listens there",
    looks_for="reject with tcp reset that the packet meets, and a listener for the address",
    fix="remove the rule, or accept the port before it",
    judge=_judge,
    needs_root="to read the rules of the firewall",
)

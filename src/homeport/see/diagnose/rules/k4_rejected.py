"""K4: a rule of the firewall rejects the connection with an ICMP error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.on_the_way import judged
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    return judged(case, "K4")


RULE = Rule(
    id="K4",
    title="a firewall rule rejects the connection",
    layer=Layer.FIREWALL,
    symptom="EHOSTUNREACH on an address of this very machine",
    looks_for="reject with an ICMP error that the packet meets",
    fix="remove the rule, or open the port in the zone (firewall-cmd --add-port)",
    judge=_judge,
    needs_root="to read the rules of the firewall",
)

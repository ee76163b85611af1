"""K6: the firewall sends the port elsewhere (DNAT, redirect)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.on_the_way import judged, stops
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import listener_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    verdict = judged(case, "K6")
    found = next((each for each in stops(case) if each.id == "K6"), None)
    if verdict is None or found is None:
        return verdict
    target = found.obstacle.rule.target
    if target is None:
        return verdict
    port = target.rpartition(":")[2]
    there = [each for each in case.snapshot.listeners if str(each.endpoint.port) == port]
    place = f"port {port}" if target.startswith(":") else target
    told = (
        f"on port {port} listens {listener_words(there[0])}"
        if there
        else (f"nobody listens on port {port}" if port.isdigit() else "")
    )
    return verdict._replace(
        evidence=(*verdict.evidence, *filter(None, [told])),
        title=f"the firewall sends port {case.port} to {place}",
    )


RULE = Rule(
    id="K6",
    title="the firewall sends the port elsewhere",
    layer=Layer.FIREWALL,
    symptom="refused or timed out, although somebody listens there",
    looks_for="dnat or redirect that the packet meets, and who listens where it leads",
    fix="remove the rule, or start what it leads to",
    judge=_judge,
    needs_root="to read the rules of the firewall",
)

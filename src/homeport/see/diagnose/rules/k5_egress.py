"""K5: a rule of the firewall stops what this machine, or one of its users, sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.on_the_way import judged, stops, user_words, whom
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    verdict = judged(case, "K5")
    found = next((each for each in stops(case) if each.id == "K5"), None)
    if verdict is None or found is None or not whom(found.obstacle.rule):
        return verdict
    users = " and ".join(map(user_words, whom(found.obstacle.rule)))
    return verdict._replace(title=f"a firewall rule stops what {users} sends")


RULE = Rule(
    id="K5",
    title="a firewall rule stops what is sent from here",
    layer=Layer.FIREWALL,
    symptom="the connect times out, for one user perhaps and not for another",
    looks_for="a rule at output that the packet meets, and the user that it is for (meta skuid)",
    fix="remove the rule, or except the user",
    judge=_judge,
    needs_root="to read the rules of the firewall",
)

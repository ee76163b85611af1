"""K9: the interface lo is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.connected is not None or case.machine.loopback_up is not False:
        return None
    ours = {each.address for each in case.machine.addresses}
    if not case.is_loopback and not any(each.partition("%")[0] in ours for each in case.addresses):
        return None
    return Verdict(
        (
            *told_attempts(case),
            "the interface lo is not up, and all traffic of a machine to itself goes through it",
        ),
        "ip link set lo up",
    )


RULE = Rule(
    id="K9",
    title="the loopback interface is down",
    layer=Layer.ROUTE,
    symptom="the connect times out, with no error",
    looks_for="IFF_UP is missing in the flags of lo",
    fix="ip link set lo up",
    judge=_judge,
)

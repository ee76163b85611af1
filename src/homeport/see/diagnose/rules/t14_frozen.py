"""T14: the cgroup of the server is frozen: its container was paused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.at_server import (
    queue_is_full,
    responsible,
    stalled,
    told_queue,
    told_stage,
)
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = responsible(case)
    if not found or not (stalled(case) or queue_is_full(case)):
        return None
    if not all(each.frozen for each in found):
        return None
    owners = {owner.pid: owner for each in case.served_by for owner in each.owners}
    container = next((one.container for one in owners.values() if one.container), None)
    mend = (
        f"{container.runtime} unpause {container.id[:12]}"
        if container
        else (
            f"see its cgroup in /proc/{found[0].pid}/cgroup, then: echo 0 > CGROUP/cgroup.freeze "
            "(cgroup v1: echo THAWED > CGROUP/freezer.state)"
        )
    )
    return Verdict(
        (
            *told_attempts(case)[-1:],
            *told_stage(case),
            *told_queue(case),
            f"pid {found[0].pid} sleeps in {found[0].waits_in}: its cgroup is frozen",
        ),
        mend,
    )


RULE = Rule(
    id="T14",
    title="the server is frozen: its container or cgroup is paused",
    layer=Layer.OWNER,
    symptom="connected, and then nothing",
    looks_for="every process that could take the connection sleeps in the freezer (wchan)",
    fix="docker unpause, or thaw the cgroup",
    judge=_judge,
    needs_root="to see in what the process sleeps, where it is of another user",
)

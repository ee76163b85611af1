"""L23: the server has ended by a fault, such as a segmentation fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.deaths import the_death
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.connected is not None or case.here or not case.outcomes(Outcome.REFUSED):
        return None
    found = the_death(case)
    if found is None or found.died.death.of_memory:
        return None
    death = found.died.death
    return Verdict(
        (
            *told_attempts(case)[-1:],
            (
                f"{found.died.ago_ns // _SECOND_NS} s ago {death.name} (pid {death.pid}) ended by "
                f"a {death.why}, as the log of the kernel says"
            ),
            found.link,
        ),
        f"coredumpctl info {death.pid} shows where; then start it again",
        found.sureness,
        tell_apart="its exit status was 139; dmesg | tail",
    )


_SECOND_NS = 1_000_000_000


RULE = Rule(
    id="L23",
    title="the server has crashed",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED, after it has worked; exit status 139",
    looks_for="a fault in the log of the kernel, of a pid that listened or left connections",
    fix="coredumpctl; update or rebuild what has crashed",
    judge=_judge,
    needs_root="to read the log of the kernel",
)

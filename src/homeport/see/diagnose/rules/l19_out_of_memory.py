"""L19: the kernel has killed the server for want of memory."""

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
    if case.connected is not None and case.now is not None:
        return None
    if case.connected is None and (case.here or not case.outcomes(Outcome.REFUSED)):
        return None
    found = the_death(case)
    if found is None or not found.died.death.of_memory:
        return None
    death = found.died.death
    limit = "the limit of its cgroup" if death.cgroup else "the memory of the machine"
    rss = f", which had {death.rss_kb // 1024} MB" if death.rss_kb is not None else ""
    return Verdict(
        (
            *told_attempts(case)[-1:],
            (
                f"{found.died.ago_ns // _SECOND_NS} s ago the kernel killed {death.name} "
                f"(pid {death.pid}){rss}: {limit} was used up"
            ),
            found.link,
        ),
        "raise the limit (docker run --memory, MemoryMax= in the unit, memory.max of a cgroup), or "
        "find what takes it; then start the server again",
        found.sureness,
        tell_apart="its exit status was 137; dmesg | grep -i 'killed process'",
    )


_SECOND_NS = 1_000_000_000


RULE = Rule(
    id="L19",
    title="the server was killed for want of memory",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED, after it has worked; exit status 137",
    looks_for="an oom_kill in the log of the kernel, of a pid that listened or left connections",
    fix="raise the limit of the container or cgroup, find what takes the memory",
    judge=_judge,
    needs_root="to read the log of the kernel",
)

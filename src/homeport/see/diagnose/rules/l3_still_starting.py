"""L3: the process is there, and does not listen yet; or does not listen at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import process_words, told_attempts

if TYPE_CHECKING:
    from homeport.model.process import Process
    from homeport.see.diagnose.case import Case

_YOUNG_NS = 60_000_000_000
_SECOND_NS = 1_000_000_000


def _judge(case: Case) -> Verdict | None:
    if not case.outcomes(Outcome.REFUSED) or case.connected:
        return None
    appeared = [each for each in case.sightings if each.inode is not None]
    if len(case.sightings) == 2 and appeared and case.sightings[0].inode is None:
        return Verdict(
            (
                *told_attempts(case),
                f"{appeared[0].at_ms} ms later somebody listened there",
            ),
            "wait until it is ready before the first connection: a health check, a retry",
        )
    busy = {owner.pid for each in case.snapshot.listeners for owner in each.owners}
    young = [each for each in case.naming if _is_young(each, case) and each.pid not in busy]
    return None if case.here or case.elsewhere or not young else _not_yet(case, young[0])


def _is_young(process: Process, case: Case) -> bool:
    return case.snapshot.taken_ns - (process.started_ns or 0) < _YOUNG_NS


def _not_yet(case: Case, process: Process) -> Verdict:
    age_s = max(0, case.snapshot.taken_ns - (process.started_ns or 0)) // _SECOND_NS
    return Verdict(
        (
            *told_attempts(case),
            (
                f"{process_words(process)} names port {case.port} on its command line, was started "
                f"{age_s} s ago, and does not listen on it yet"
            ),
        ),
        f"wait for it: until homeport check {case.service.asked} >/dev/null; do sleep 1; done",
        Sureness.LIKELY,
    )


RULE = Rule(
    id="L3",
    title="the service is still starting",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED, and a moment later it works",
    looks_for="a young process that names the port and has no listener; one that appears meanwhile",
    fix="wait until it is ready",
    judge=_judge,
)

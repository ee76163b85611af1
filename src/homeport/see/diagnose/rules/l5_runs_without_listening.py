"""L5: the process that should listen has run for long, and does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import process_words, told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_OLD_NS = 60_000_000_000


def _judge(case: Case) -> Verdict | None:
    if case.connected or not case.outcomes(Outcome.REFUSED) or case.here or case.elsewhere:
        return None
    if case.bound or any(each.inode is not None for each in case.sightings):
        return None
    old = [
        each for each in case.naming if case.snapshot.taken_ns - (each.started_ns or 0) >= _OLD_NS
    ]
    if not old:
        return None
    return Verdict(
        (
            *told_attempts(case),
            (
                f"{process_words(old[0])} names port {case.port} on its command line, and listens "
                "on nothing there"
            ),
        ),
        f"read its log: it may wait for something else, or listen elsewhere (homeport ls --pid "
        f"{old[0].pid})",
        Sureness.LIKELY,
    )


RULE = Rule(
    id="L5",
    title="the program that should listen runs, and does not listen",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED",
    looks_for="a process of more than a minute that names the port and holds no listener of it",
    fix="read its log",
    judge=_judge,
)

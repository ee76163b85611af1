"""L2: somebody listened there until a moment ago, and has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_RECENT_NS = 24 * 3600 * 1_000_000_000
_MINUTE_NS = 60 * 1_000_000_000


def _judge(case: Case) -> Verdict | None:
    last = next(iter(case.history or ()), None)
    if case.connected or case.here or last is None or last.closed_ns is None:
        return None
    if not case.outcomes(Outcome.REFUSED) or case.snapshot.taken_ns - last.closed_ns > _RECENT_NS:
        return None
    minutes = (case.snapshot.taken_ns - last.closed_ns) // _MINUTE_NS
    program = f"{last.name or 'a process'} {last.pid or ''}".strip()
    return Verdict(
        (
            *told_attempts(case),
            f"{program} listened there until {minutes} min ago, as the history tells",
        ),
        f"read the last lines of its log; then start it again: {' '.join(last.argv)}".rstrip(": "),
        Sureness.LIKELY,
    )


RULE = Rule(
    id="L2",
    title="the service was up, and has ended",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED, after it has worked",
    looks_for="no listener now, and one in the history (homeport watch --record) until today",
    fix="read the end of its log, mend that, start it again",
    judge=_judge,
)

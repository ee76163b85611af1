"""D5: Redis can't save to disk, and therefore refuses every write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import place_of_data, refusal, told_connection, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.wire.proc_pid import DELETED, is_deleted

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    failed = None if case.talk is None else case.talk.fact("saving failed")
    refused = refusal(case, "redis", "MISCONF")
    if refused is None and failed is None:
        return None
    told = told_connection(case) if refused is None else told_refusal(case)
    place = place_of_data(case)
    where = f"it saves to {place}" if place else "where it saves: redis-cli CONFIG GET dir"
    repair = f"give the server's user the right to write to {place or 'it'}"
    if place is not None and is_deleted(place):
        repair = f"make the directory again: mkdir {place.removesuffix(DELETED)}"
    return Verdict(
        (*told, *([f"INFO persistence says: {failed}"] if failed else []), where),
        f"make room on the disk, or {repair}, then redis-cli BGSAVE; data that may be lost: "
        "redis-cli CONFIG SET stop-writes-on-bgsave-error no",
    )


RULE = Rule(
    id="D5",
    title="Redis refuses writes: it could not save to disk",
    layer=Layer.APPLICATION,
    symptom="MISCONF Redis is configured to save RDB snapshots, but is unable to persist to disk",
    looks_for="MISCONF as the answer to PING, or a failed last save in INFO persistence",
    fix="mend the disk or its permissions, and save again",
    judge=_judge,
)

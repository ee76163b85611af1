"""H21: the server is a stale one: the directory it was started in is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import process_words
from homeport.wire.proc_pid import is_deleted

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.connected is None or case.talk is None or case.talk.healthy:
        return None
    owners = [owner for each in case.served_by for owner in each.owners]
    stale = [each for each in owners if each.cwd is not None and is_deleted(each.cwd)]
    if not stale or len(stale) < len(owners):
        return None
    answer = case.talk.response
    told = (f"it answers {answer.line}",) if answer is not None else ()
    return Verdict(
        (
            *told,
            f"the listener is held by {process_words(stale[0])}",
            f"its working directory is gone: {stale[0].cwd}",
        ),
        f"end it and start it where the code is now: kill {stale[0].pid}",
        Sureness.SURE if answer is not None and answer.status in _OF_FILES else Sureness.LIKELY,
        tell_apart="does it answer once it was started again?",
    )


_OF_FILES = (404, 500)


RULE = Rule(
    id="H21",
    title="a stale server answers: its directory has been deleted",
    layer=Layer.OWNER,
    symptom="404 or an old page, though the code has changed",
    looks_for="/proc/PID/cwd of the owner ends with (deleted)",
    fix="restart the server from the directory that there is now",
    judge=_judge,
)

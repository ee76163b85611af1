"""T12: the server starts, ends, and is started again."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import told_attempts
from homeport.see.explain.names import who

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    inodes = [each.inode for each in case.sightings]
    before = None if case.listener is None else case.listener.inode
    first = [before] if before is not None and inodes and inodes[0] != before else []
    seen = [*first, *inodes]
    if before is None and not first:
        seen = [None, *seen] if seen and seen[0] is not None else seen
    lives = {each for each in seen if each is not None}
    ended = [one for one, then in itertools.pairwise(seen) if one is not None and then != one]
    if not ended:
        return None
    words = [
        f"{each.at_ms} ms: {'nobody listens' if each.inode is None else f'socket {each.inode}'}"
        for each in case.sightings
    ]
    return Verdict(
        (
            *told_attempts(case)[-1:],
            f"within a second or so there were {len(lives)} listeners, and {len(ended)} ended",
            *words[:_MOST_TOLD],
        ),
        f"read the end of its log: journalctl -u UNIT, docker logs NAME; what ended was held by "
        f"{who(case.listener) if case.listener else 'a process that is gone'}",
        Sureness.SURE if len(lives) > 1 else Sureness.LIKELY,
        title=None if len(lives) > 1 else "the server has ended just now",
        tell_apart="homeport watch --port shows each start and end",
    )


_MOST_TOLD = 8


RULE = Rule(
    id="T12",
    title="the server keeps ending and being started again",
    layer=Layer.OWNER,
    symptom="now refused, now answering",
    looks_for="listeners of the port that come and go within a second, each another socket",
    fix="read the log of the crash; systemctl status, docker logs",
    judge=_judge,
)

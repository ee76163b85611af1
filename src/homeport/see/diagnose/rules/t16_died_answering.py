"""T16: the server, or its worker, ended while it had our request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.deaths import told_deaths
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import process_words
from homeport.wire.exchange import Ended

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.connected is None or case.talk is None or case.talk.healthy or case.after is None:
        return None
    if case.talk.heard.ended not in (Ended.CLOSED, Ended.RESET):
        return None
    alive = {each.pid for each in case.pulses if each.state not in "ZX"}
    gone = [each for each in case.before_pulses if each.pid not in alive]
    if not gone or (case.talk.response is not None and case.talk.response.complete):
        return None
    owners = {owner.pid: owner for each in case.served_by for owner in each.owners}
    names = [process_words(owners[each.pid]) for each in gone if each.pid in owners]
    return Verdict(
        (
            f"{len(case.talk.heard.data)} bytes came, and then the end: {case.talk.heard.ended}",
            f"{' and '.join(names)} held the listener before the request, and is gone now",
            *told_deaths(case, frozenset(each.pid for each in gone), _RECENT_NS),
        ),
        "read the end of its log, and the kernel's (dmesg | tail); coredumpctl gdb shows where",
    )


_RECENT_NS = 10_000_000_000


RULE = Rule(
    id="T16",
    title="the server crashes on this request",
    layer=Layer.OWNER,
    symptom="EOF or ECONNRESET instead of an answer",
    looks_for="a process that held the listener before the request, and is gone after it",
    fix="read its log, dmesg; coredumpctl",
    judge=_judge,
)

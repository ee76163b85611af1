"""D14: the database is up, and not ready: it starts, recovers, loads, or shuts down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import Refusal, refusal, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_TITLES = {
    "shutting down": "the database is shutting down",
    "recovery mode": "the database recovers after a crash",
    "not accepting connections": "the database takes no connections at present",
    "loading the dataset": "Redis still loads its data",
    "busy running a script": "Redis runs a script, and does nothing else meanwhile",
}


def _judge(case: Case) -> Verdict | None:
    found = _found(case)
    if found is None:
        return None
    title = next((title for words, title in _TITLES.items() if found.says(words)), None)
    return Verdict(told_refusal(case), _fix(case, found), title=title)


def _found(case: Case) -> Refusal | None:
    return (
        refusal(case, "postgresql", "57P03", "57P01", "57P02")
        or refusal(case, "redis", "LOADING", "BUSY")
        or refusal(case, "mysql", "1053")
        or refusal(case, "mongodb", "11600", "91", "13436")
    )


def _fix(case: Case, found: Refusal) -> str:
    wait = f"until homeport check {case.service.asked} >/dev/null; do sleep 1; done"
    if found.says("recovery mode", "shutting down"):
        return f"read the end of the server's log for the reason, then wait: {wait}"
    if found.code == "BUSY":
        return "redis-cli SCRIPT KILL, or wait"
    return f"wait for it before the first connection (a health check, a retry): {wait}"


RULE = Rule(
    id="D14",
    title="the database is still starting up",
    layer=Layer.APPLICATION,
    symptom="FATAL: the database system is starting up; LOADING Redis is loading the dataset",
    looks_for="SQLSTATE 57P03, Redis' LOADING",
    fix="wait until it is ready",
    judge=_judge,
)

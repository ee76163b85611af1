"""L20: the port cannot be bound, for somebody listens on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.explanation import BindVerdict
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import listener_words

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    wanted = case.wanted
    if wanted is None or wanted.plain is not BindVerdict.TAKEN or not case.here:
        return None
    return Verdict(
        (
            f"bind(2) to {wanted.address}:{case.port} says EADDRINUSE",
            *(listener_words(each) for each in case.here),
        ),
        f"homeport kill {case.port}, or let the server listen on another port",
    )


RULE = Rule(
    id="L20",
    title="another program listens on the port",
    layer=Layer.LISTENER,
    symptom="EADDRINUSE (address already in use) on bind",
    looks_for="a listener of the port that meets the address; with --bind",
    fix="end the other program, or take another port",
    judge=_judge,
)

"""L22: the port cannot be bound, for a socket is bound to it that does not listen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.explanation import BindVerdict
from homeport.see.diagnose.leased import held
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.explain.names import who

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    wanted = case.wanted
    if wanted is None or wanted.plain is BindVerdict.FREE or case.here or not case.bound:
        return None
    if held(case) is not None:
        return None  # L27 tells of it
    holder = case.bound[0]
    return Verdict(
        (
            f"bind(2) to {wanted.address}:{case.port} says EADDRINUSE",
            f"{who(holder)} has bound {holder.local}, and does not listen",
        ),
        "end that program, or let it close the socket; to share the port, both need SO_REUSEADDR",
    )


RULE = Rule(
    id="L22",
    title="a socket that does not listen is bound to the port",
    layer=Layer.LISTENER,
    symptom="EADDRINUSE on bind, while nobody listens",
    looks_for="a TCP socket that is bound and inactive; with --bind (Linux 6.8 and later)",
    fix="end the program that has bound it",
    judge=_judge,
)

"""L28: the service runs, and listens on another port than the one that it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.leased import held, listens_elsewhere
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import listener_words, told_attempts

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    lease = held(case)
    if lease is None or lease.project is None or case.here or not case.outcomes(Outcome.REFUSED):
        return None
    found = listens_elsewhere(case)
    if not found:
        return None
    ports = " and ".join(dict.fromkeys(str(each.endpoint.port) for each in found))
    return Verdict(
        (
            *told_attempts(case),
            f"port {case.port} is leased to {lease.words}",
            *(f"{lease.words} listens on {listener_words(each)}" for each in found[:3]),
        ),
        "let it listen on the port that it is told in PORT, as by --port $PORT in `run` of "
        f"{lease.project.source}; or declare the one it takes: port = {found[0].endpoint.port}",
        title=f"{lease.words} listens on port {ports}, and not on its own",
    )


RULE = Rule(
    id="L28",
    title="the service listens on another port than its own",
    layer=Layer.LISTENER,
    symptom="a service that never gets ready; ECONNREFUSED on its port",
    looks_for="listeners of the service's program, or of what it has started, on other ports",
    fix="let the program heed PORT, or declare the port that it takes",
    judge=_judge,
)

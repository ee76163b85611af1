"""G1: Homeport's gateway answers, and no service that runs has the name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.home import SUFFIX
from homeport.model.target import is_localhost
from homeport.see.diagnose.leased import at_gateway
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.explain.homes import near

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_MOST_HOSTS = 5


def _judge(case: Case) -> Verdict | None:
    host = case.service.host.rstrip(".").lower()
    if not at_gateway(case) or not case.connected or not is_localhost(host) or host == "localhost":
        return None
    if case.home.behind(host) is not None:
        return None
    known = case.home.hosts
    names = ", ".join(f"{each}{SUFFIX}" for each in known[:_MOST_HOSTS])
    more = f", and {len(known) - _MOST_HOSTS} more" if len(known) > _MOST_HOSTS else ""
    meant = near(case.home, host)
    scheme = case.service.scheme or "http"
    mean = f"did you mean {scheme}://{meant}{SUFFIX}:{case.port}?\n" if meant else ""
    return Verdict(
        (
            f"port {case.port} is Homeport's gateway, and no service that runs has the name {host}",
            f"these have one: {names}{more}" if known else "no service has one",
        ),
        f"{mean}homeport ps --all shows what runs; homeport up, in the project, starts the rest",
    )


RULE = Rule(
    id="G1",
    title="no service that runs has this name",
    layer=Layer.OWNER,
    symptom="404 from Homeport's gateway; over TLS no certificate for the name",
    looks_for="a name below localhost at the gateway's port that no supervisor has registered",
    fix="correct the name, or start the project that has it",
    judge=_judge,
)

"""N6: the name of a service of a compose file, which only its containers know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = case.resolution
    if found.error is None or "." in found.name or found.in_hosts or found.name == "localhost":
        return None
    told = [
        f"getaddrinfo for {found.name}: {found.error}",
        (
            f"{found.name} is a single word that no hosts file and no name server knows, as the "
            "names of services in a compose file are outside of its containers"
        ),
    ]
    certainty = Sureness.LIKELY
    if case.compose_service is not None:
        told.append(f"{case.compose_service} defines a service {found.name}")
        certainty = Sureness.SURE
    return Verdict(
        tuple(told),
        f"from this machine use the published port: localhost:{case.port} (and publish it: "
        f"ports: ['127.0.0.1:{case.port}:{case.port}'])",
        certainty,
    )


RULE = Rule(
    id="N6",
    title="the name is one that only containers know",
    layer=Layer.NAME,
    symptom="getaddrinfo fails for db, redis, web, …",
    looks_for="an unknown single-word name; a compose file here that has a service of that name",
    fix="use the published port on localhost",
    judge=_judge,
)

"""N3: the hosts file has lost the line of localhost, and nobody else knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = case.resolution
    if found.error is None or found.name.rstrip(".").lower() != "localhost" or found.in_hosts:
        return None
    return Verdict(
        (
            f"getaddrinfo for {found.name}: {found.error}",
            "the hosts file has no line with localhost",
            f"names are looked up in: {', '.join(found.sources) or 'the default sources'}",
        ),
        "printf '127.0.0.1 localhost\\n::1 localhost\\n' >> /etc/hosts",
    )


RULE = Rule(
    id="N3",
    title="nobody knows the name localhost: the hosts file has lost its line",
    layer=Layer.NAME,
    symptom="getaddrinfo fails for localhost",
    looks_for="an error for localhost, and no such name in /etc/hosts",
    fix="restore the line 127.0.0.1 localhost",
    judge=_judge,
)

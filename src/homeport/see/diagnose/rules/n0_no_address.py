"""N0: the name stands for no address, and nothing more particular is known of why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = case.resolution
    if found.error is None:
        return None
    sources = ", ".join(found.sources) or "not told"
    return Verdict(
        (
            f"getaddrinfo for {found.name}: {found.error}",
            f"the C library asks, in this order: {sources} (nsswitch.conf)",
        ),
        f"correct the name, or give it an address: echo '127.0.0.1 {found.name}' >> /etc/hosts",
    )


RULE = Rule(
    id="N0",
    title="the name stands for no address",
    layer=Layer.NAME,
    symptom="getaddrinfo fails: name or service not known",
    looks_for="an error of getaddrinfo(3), and no reason of its own",
    fix="correct the name, or write it into the hosts file",
    judge=_judge,
    general=True,
)

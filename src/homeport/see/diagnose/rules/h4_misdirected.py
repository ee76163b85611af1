"""H4: the server is not meant to be asked under this host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import SERVER_IS_UP, answer, answer_words, spoken_to_others

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    response = answer(case)
    if response is None or response.status != 421:
        return None
    other = spoken_to_others(case)
    told = [f"with Host: {other} it is answered with something else than an error"] if other else []
    place = case.service.place
    return Verdict(
        (*answer_words(case), *told, SERVER_IS_UP),
        "let the server take this host: MCP's SDK "
        f"TransportSecuritySettings(allowed_hosts=[{place!r}]); "
        f"or send the host that it takes (a tunnel or proxy can: Host: {other or 'localhost'})",
    )


RULE = Rule(
    id="H4",
    title="the server is not meant to be asked under this host",
    layer=Layer.APPLICATION,
    symptom="421 Misdirected Request, “Invalid Host header”: a guard against DNS rebinding, or "
    "the wrong TLS name",
    looks_for="status 421 (RFC 9110, 15.5.20)",
    fix="add the host to the server's allowed hosts",
    judge=_judge,
)

"""D23: memcached wants SASL, and therefore speaks its binary protocol only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import told_connection
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if case.talk is None or case.talk.fact("binary only") is None:
        return None
    return Verdict(
        (
            *told_connection(case),
            "a command in text is not answered, one of the binary protocol is",
        ),
        "use a client with SASL (binary protocol, user, password); or start memcached without -S",
    )


RULE = Rule(
    id="D23",
    title="memcached wants SASL: it speaks the binary protocol only",
    layer=Layer.PROTOCOL,
    symptom="a timeout, or the end of the connection, at the first command",
    looks_for="no answer to `version` in text, and one to it in binary",
    fix="a client with SASL, or memcached without -S",
    judge=_judge,
)

"""S7: the certificate is not valid yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import (
    certificate_words,
    day,
    refusal_words,
    refused_certificate,
)

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = refused_certificate(case, 9)
    if talk is None:
        return None
    now = f"the clock of this machine says {day(case.snapshot.taken_ns)}"
    return Verdict(
        (refusal_words(talk), *certificate_words(talk), now),
        "is this clock right? timedatectl; if so, the one where the certificate was made was "
        "wrong: "
        f"make it again, mkcert {case.service.host}",
    )


RULE = Rule(
    id="S7",
    title="the certificate is not valid yet",
    layer=Layer.TLS,
    symptom="certificate is not yet valid, ERR_CERT_DATE_INVALID",
    looks_for="OpenSSL's verify code 9: its validity begins later than the clock of this machine "
    "says",
    fix="set the clock, or have the certificate made again",
    judge=_judge,
)

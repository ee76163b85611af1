"""S6: the certificate has expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.web_words import (
    certificate,
    certificate_words,
    day,
    refusal_words,
    refused_certificate,
)

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    talk = refused_certificate(case, 10)
    if talk is None:
        return None
    now = f"the clock of this machine says {day(case.snapshot.taken_ns)}"
    found = certificate(talk)
    mine = found is None or found.not_after_ns < case.snapshot.taken_ns
    whose = () if mine else ("the server's own is still valid: one that issued it has expired",)
    return Verdict(
        (refusal_words(talk), *certificate_words(talk), now, *whose),
        f"mkcert {case.service.host}  (or however it was made), then restart the server; "
        "if the clock is wrong: timedatectl set-ntp true",
    )


RULE = Rule(
    id="S6",
    title="the certificate has expired",
    layer=Layer.TLS,
    symptom="certificate has expired, CERT_HAS_EXPIRED, ERR_CERT_DATE_INVALID",
    looks_for="OpenSSL's verify code 10: the end of its validity has passed, by the clock of "
    "this machine",
    fix="have a new certificate made, and let the server load it",
    judge=_judge,
)

"""D7: PostgreSQL does not accept the password, or knows no such user: it tells no difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import asked_as, refusal, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = refusal(case, "postgresql")
    if found is None:
        return None
    if found.code != "28P01" and not found.says("password authentication failed", "SASL auth"):
        return None
    user = (case.talk.fact("user") if case.talk else None) or "USER"
    return Verdict(
        told_refusal(
            case,
            f"the client logged in as {asked_as(case)}, with the password of the URL",
            "PostgreSQL says the same of a user that does not exist, or that has no password",
        ),
        f"correct the URL; or set the password, as a superuser: psql -U postgres -c '\\password "
        f"{user}'; is it there at all: psql -U postgres -c '\\du {user}'. A container keeps the "
        "password of its first start in its volume",
    )


RULE = Rule(
    id="D7",
    title="PostgreSQL does not accept this user and password",
    layer=Layer.APPLICATION,
    symptom="FATAL: password authentication failed for user",
    looks_for="SQLSTATE 28P01",
    fix="correct user and password in the URL, or set the password anew",
    judge=_judge,
)

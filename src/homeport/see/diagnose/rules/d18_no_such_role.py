"""D18: PostgreSQL knows no role of that name, or not one that may log in so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import asked_as, refusal, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = refusal(case, "postgresql", "28000", "08P01")
    if found is None or found.says("pg_hba.conf"):
        return None
    user = (case.talk.fact("user") if case.talk else None) or "USER"
    told = told_refusal(case, f"the client logged in as {asked_as(case)}")
    if found.says("does not exist", "no such user"):
        fix = f"name a role in the URL that exists, or: createuser -U postgres --login {user}"
        return Verdict(told, fix)
    if found.says("not permitted to log in"):
        fix = f'psql -U postgres -c "ALTER ROLE {user} LOGIN"'
        return Verdict(told, fix, title="the PostgreSQL role may not log in")
    if found.says("authentication failed"):
        return Verdict(
            told,
            "pg_hba.conf wants this client known by other means than a password (peer, ident, "
            "cert, GSSAPI): put scram-sha-256 in place of that method, or log in as that user",
            title="PostgreSQL wants to know this user by other means than a password",
        )
    return None


RULE = Rule(
    id="D18",
    title="the PostgreSQL role does not exist",
    layer=Layer.APPLICATION,
    symptom='FATAL: role "root" does not exist',
    looks_for="SQLSTATE 28000 with those words",
    fix="name a role that exists in the URL, or create it",
    judge=_judge,
)

"""D24: the login is right, and the user has no right to this database or command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import asked_as, refusal, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    name = case.service.database or "DATABASE"
    user = (case.talk.fact("user") if case.talk else None) or case.service.user or "USER"
    told = told_refusal(case, f"the client logged in as {asked_as(case)}")
    if refusal(case, "postgresql", "42501"):
        fix = f'psql -U postgres -c "GRANT CONNECT ON DATABASE {name} TO {user}"'
        return Verdict(told, fix)
    if refusal(case, "mysql", "1044", "1142"):
        fix = f"GRANT ALL ON `{name}`.* TO '{user}'@'HOST' (that of SELECT CURRENT_USER())"
        return Verdict(told, fix)
    if refusal(case, "redis", "NOPERM"):
        fix = f"redis-cli ACL SETUSER {user} +@connection +info, or more; ACL GETUSER {user}"
        return Verdict(told, fix)
    if case.service.password and refusal(case, "mongodb", "13"):
        return Verdict(told, f"mongosh admin: db.grantRolesToUser('{user}', ['readWrite'])")
    return None


RULE = Rule(
    id="D24",
    title="the user may not do this in the database",
    layer=Layer.APPLICATION,
    symptom="permission denied for database; Access denied to database; NOPERM",
    looks_for="SQLSTATE 42501, MySQL's error 1044, Redis' NOPERM, MongoDB's 13 after a login",
    fix="grant the right",
    judge=_judge,
)

"""D16: MySQL or MariaDB does not let this user in with this password."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import Refusal, asked_as, refusal, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_ACCOUNT = re.compile(r"'([^']{0,80})'@'([^']{0,255})'")


def _judge(case: Case) -> Verdict | None:
    found = refusal(case, "mysql", "1045", "1698")
    if found is None or (case.talk is not None and case.talk.fact("with tls") == "True"):
        return None
    account = _ACCOUNT.search(found.text)
    told = told_refusal(
        case,
        f"the client logged in as {asked_as(case)}, "
        f"{'with the password of the URL' if case.service.password else 'without a password'}",
        "an account is a user and the host that it comes from: both have to fit",
    )
    return Verdict(told, _fix(found, account[1] if account else "USER", account))


def _fix(found: Refusal, user: str, account: re.Match[str] | None) -> str:
    host = account[2] if account else "localhost"
    first = "as root over the unix socket: mysql -e 'SELECT user, host, plugin FROM mysql.user'"
    if found.code == "1698":
        first = f"this account may come in over the unix socket only: make another one; {first}"
    return (
        f"correct the URL; or {first}; "
        f"ALTER USER (or CREATE USER) '{user}'@'{host}' IDENTIFIED BY 'PASSWORD'"
    )


RULE = Rule(
    id="D16",
    title="MySQL does not accept this user and password",
    layer=Layer.APPLICATION,
    symptom="ERROR 1045 (28000): Access denied for user",
    looks_for="error 1045 or 1698 of the server",
    fix="correct user and password in the URL, or the account in the server",
    judge=_judge,
)

"""D17: MySQL or MariaDB has no connection left: for anybody, or for this account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import refusal, told_clients, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = refusal(case, "mysql", "1040", "1203", "1226")
    if found is None:
        return None
    limit = "max_connections" if found.code == "1040" else "the account's own (SHOW CREATE USER)"
    return Verdict(
        told_refusal(case, *told_clients(case)),
        "close what leaks connections, or pool them; who has them: mysql -u root -e 'SHOW "
        f"PROCESSLIST'; the limit is {limit}: SET GLOBAL max_connections = 500",
    )


RULE = Rule(
    id="D17",
    title="MySQL has as many clients as it takes",
    layer=Layer.APPLICATION,
    symptom="ERROR 1040 (HY000): Too many connections",
    looks_for="error 1040 in place of the greeting, and who holds the connections",
    fix="close or pool connections, or raise max_connections",
    judge=_judge,
)

"""D21: MySQL or MariaDB does not want this client's host: it has no account, or is blocked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import refusal, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    if refusal(case, "mysql", "1129"):
        return Verdict(
            told_refusal(case, "too many connections from it ended before a login"),
            "mysqladmin flush-hosts (or FLUSH HOSTS, TRUNCATE performance_schema.host_cache); and "
            "find who connects without logging in: a health check of a bare port does",
            title="MySQL has blocked this client's host",
        )
    if refusal(case, "mysql", "1130", "1396"):
        return Verdict(
            told_refusal(case, "no account of the server fits the host that the client comes from"),
            "as root over the unix socket: CREATE USER 'USER'@'%' IDENTIFIED BY 'PASSWORD'; GRANT "
            "ALL ON DATABASE.* TO 'USER'@'%'",
        )
    return None


RULE = Rule(
    id="D21",
    title="MySQL lets nobody in from this client's host",
    layer=Layer.APPLICATION,
    symptom="ERROR 1130: Host is not allowed to connect; ERROR 1129: Host is blocked",
    looks_for="error 1130 or 1129 in place of the greeting",
    fix="make an account for that host; FLUSH HOSTS",
    judge=_judge,
)

"""D10: PostgreSQL has no connection left: for anybody, or for this role or database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import refusal, told_clients, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_WHO = "SELECT usename, application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3"


def _judge(case: Case) -> Verdict | None:
    found = refusal(case, "postgresql", "53300", "08P01")
    if found is None or (
        found.code != "53300"
        and not found.says("no more connections allowed", "client connections exceed")
    ):
        return None
    own = found.says("for role", "for database")
    limit = "ALTER ROLE or DATABASE ... CONNECTION LIMIT n" if own else "max_connections"
    return Verdict(
        told_refusal(case, *told_clients(case)),
        f"close what leaks connections, or put a pool before it (PgBouncer); who has them, as a "
        f'superuser: psql -U postgres -c "{_WHO}"; the limit is {limit}',
    )


RULE = Rule(
    id="D10",
    title="PostgreSQL has as many clients as it takes",
    layer=Layer.APPLICATION,
    symptom="FATAL: sorry, too many clients already; remaining connection slots are reserved",
    looks_for="SQLSTATE 53300, and who holds the connections",
    fix="close or pool connections, or raise max_connections",
    judge=_judge,
)

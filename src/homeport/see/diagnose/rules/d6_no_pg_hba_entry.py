"""D6: PostgreSQL's pg_hba.conf has no line for this client, or one that rejects it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import asked_as, place_of_data, refusal, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    found = refusal(case, "postgresql", "28000")
    if found is None or not found.says("pg_hba.conf"):
        return None
    return Verdict(told_refusal(case, f"the client logged in as {asked_as(case)}"), _fix(case))


def _fix(case: Case) -> str:
    reached = case.connected.address if case.connected else "127.0.0.1"
    user = case.talk.fact("user") if case.talk else None
    place = place_of_data(case)
    file = f"{place}/pg_hba.conf (unless hba_file says otherwise)" if place else "pg_hba.conf"
    return (
        f"above the first line that fits it, add to {file}:\n"
        f"host    all    {user or 'all'}    {reached}/{128 if ':' in reached else 32}    "
        "scram-sha-256\n"
        "then, as a superuser over the unix socket: SELECT pg_reload_conf();"
    )


RULE = Rule(
    id="D6",
    title="PostgreSQL's pg_hba.conf lets this client not in",
    layer=Layer.APPLICATION,
    symptom="FATAL: no pg_hba.conf entry for host; pg_hba.conf rejects connection",
    looks_for="SQLSTATE 28000 with those words",
    fix="add a line for the client's address, user and database to pg_hba.conf",
    judge=_judge,
)

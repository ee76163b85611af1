"""D8: the server is there and lets the client in; the database that it asks for is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import Refusal, refusal, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case


def _judge(case: Case) -> Verdict | None:
    postgresql = refusal(case, "postgresql", "3D000", "08P01")
    if postgresql is not None and (postgresql.code == "3D000" or postgresql.says("no such datab")):
        return _of_postgresql(case)
    if refusal(case, "mysql", "1049"):
        name = case.service.database
        fix = f'mysql -u root -e "CREATE DATABASE `{name}`"; those there are: SHOW DATABASES'
        return Verdict(told_refusal(case), fix)
    return _of_amqp(case, refusal(case, "amqp"))


def _of_postgresql(case: Case) -> Verdict:
    port = case.port
    given = case.service.database or case.service.option("dbname")
    if given:
        more, name = f"the URL asks for the database {given}", given
    else:
        name = (case.talk.fact("user") if case.talk else None) or "NAME"
        more = f"the URL names no database: PostgreSQL takes the user's name, {name}"
    return Verdict(
        told_refusal(case, more),
        f"createdb -h {case.service.host} -p {port} -U postgres {name}; those there are: "
        f"psql -h {case.service.host} -p {port} -U postgres -l",
    )


def _of_amqp(case: Case, found: Refusal | None) -> Verdict | None:
    if found is None or not found.says("vhost"):
        return None
    return Verdict(
        told_refusal(case),
        "rabbitmqctl list_vhosts; rabbitmqctl add_vhost NAME; rabbitmqctl set_permissions -p NAME "
        "USER '.*' '.*' '.*'. The slash before the name is none of its own: the default one is %2F",
        title="the virtual host is not there, or not for this user",
    )


RULE = Rule(
    id="D8",
    title="the database does not exist",
    layer=Layer.APPLICATION,
    symptom='FATAL: database "shop" does not exist; Unknown database; vhost not found',
    looks_for="SQLSTATE 3D000, MySQL's error 1049, AMQP's NOT_ALLOWED",
    fix="create the database, or correct its name",
    judge=_judge,
)

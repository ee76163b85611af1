"""D2: user or password are wrong, says a server that is no SQL database (those are D7 and D16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.refusals import asked_as, refusal, spoken, told_refusal
from homeport.see.diagnose.rule import Rule, Verdict

if TYPE_CHECKING:
    from homeport.see.diagnose.case import Case

_CODES = {
    "redis": ("WRONGPASS",),
    "mongodb": ("18", "11"),
    "amqp": ("403",),
    "nats": ("Authorization Violation",),
    "mqtt": ("4", "5", "134", "135"),
}
_FIXES = {
    "redis": "in the server's place: redis-cli ACL LIST; or the line requirepass of redis.conf",
    "mongodb": "users belong to a database: try ?authSource=admin; mongosh admin: db.getUsers()",
    "amqp": "rabbitmqctl authenticate_user USER PASSWORD; rabbitmqctl list_users",
    "nats": "compare with `authorization` in the configuration of nats-server",
    "mqtt": "mosquitto_passwd -b FILE USER PASSWORD, then reload the broker",
}


def _judge(case: Case) -> Verdict | None:
    protocol = spoken(case) or ""
    codes = _CODES.get(protocol)
    given = case.service.password or (case.service.user and protocol == "nats")
    if codes is None or not (given or protocol == "amqp"):
        return None
    found = refusal(case, protocol, *codes)
    if found is None or found.says("vhost"):
        return None
    who = asked_as(case) if case.service.user else "the default user"
    with_what = ", with the password of the URL" if case.service.password else ""
    more = [f"the client logged in as {who}{with_what}"]
    if protocol == "amqp" and not case.service.user:
        more = ["the URL names no user, and clients then log in as guest"]
    return Verdict(told_refusal(case, *more), _FIXES[protocol])


RULE = Rule(
    id="D2",
    title="the server does not accept this user and password",
    layer=Layer.APPLICATION,
    symptom="WRONGPASS, Authentication failed, ACCESS_REFUSED",
    looks_for="the server's own refusal of the login",
    fix="correct user and password in the URL",
    judge=_judge,
)

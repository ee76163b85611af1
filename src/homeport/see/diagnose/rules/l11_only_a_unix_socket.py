"""L11: the service listens on a unix socket only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.see.diagnose.case import Outcome
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import process_words, told_attempts

if TYPE_CHECKING:
    from homeport.model.sockets import UnixListener
    from homeport.see.diagnose.case import Case

_PROGRAMS = {
    "postgresql": ("postgres",),
    "mysql": ("mysqld", "mariadbd"),
    "redis": ("redis-server", "valkey-server"),
    "mongodb": ("mongod",),
    "memcached": ("memcached",),
}


def _judge(case: Case) -> Verdict | None:
    if case.connected or case.here or not case.outcomes(Outcome.REFUSED):
        return None
    found = next((each for each in case.unix if _is_its(each, case)), None)
    if found is None:
        return None
    held = f", held by {process_words(found.owners[0])}" if found.owners else ""
    return Verdict(
        (
            *told_attempts(case),
            f"the service listens on the unix socket {found.path}{held}, and on no TCP port",
        ),
        _fix(case, found),
    )


def _is_its(listener: UnixListener, case: Case) -> bool:
    if listener.path is None:
        return False
    if listener.path.endswith(f".s.PGSQL.{case.port}"):
        return True
    if any(owner.pid in {each.pid for each in case.naming} for owner in listener.owners):
        return True
    programs = _PROGRAMS.get(case.service.scheme or "", ())
    return any(owner.name in programs for owner in listener.owners)


def _fix(case: Case, found: UnixListener) -> str:
    directory = (found.path or "").rpartition("/")[0]
    if f".s.PGSQL.{case.port}" in (found.path or ""):
        return (
            f"psql -h {directory} -p {case.port}; or let it listen on TCP: listen_addresses = "
            "'localhost' in postgresql.conf"
        )
    return f"connect to {found.path}; or configure the server to listen on 127.0.0.1:{case.port}"


RULE = Rule(
    id="L11",
    title="the service listens on a unix socket only",
    layer=Layer.LISTENER,
    symptom="ECONNREFUSED over TCP, while clients over the socket work",
    looks_for="no TCP listener; a unix socket of that server, or with that port in its name",
    fix="connect to the socket's path, or let the server listen on TCP",
    judge=_judge,
)

"""L11: the service listens on a unix socket only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.model.diagnosis import Layer
from homeport.model.identity import Sureness
from homeport.model.target import SCHEME_PORTS
from homeport.see.diagnose.case import Outcome, is_tcp
from homeport.see.diagnose.rule import Rule, Verdict
from homeport.see.diagnose.words import process_words, told_attempts

if TYPE_CHECKING:
    from homeport.model.sockets import UnixListener
    from homeport.see.diagnose.case import Case

_POSTGRESQL = re.compile(r"\.s\.PGSQL\.([0-9]{1,5})$")
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
    served = {
        owner.pid for each in case.snapshot.listeners if is_tcp(each) for owner in each.owners
    }
    judged = [(each, _sureness(each, case, served)) for each in case.unix]
    found = [(each, sureness) for each, sureness in judged if sureness is not None]
    if not found:
        return None
    socket, sureness = min(found, key=lambda pair: pair[1] is not Sureness.SURE)
    held = f", held by {process_words(socket.owners[0])}" if socket.owners else ""
    return Verdict(
        (
            *told_attempts(case),
            f"the service listens on the unix socket {socket.path}{held}, and on no TCP port",
        ),
        _fix(case, socket),
        sureness,
    )


def _sureness(listener: UnixListener, case: Case, served: set[int]) -> Sureness | None:
    """How sure it is that the service listens there; `served` are pids that do listen on TCP."""
    if listener.path is None:
        return None
    if found := _POSTGRESQL.search(listener.path):
        return Sureness.SURE if int(found[1]) == case.port else None
    pids = {owner.pid for owner in listener.owners}
    if pids & served:
        return None
    if pids & {each.pid for each in case.naming}:
        return Sureness.SURE
    scheme = case.service.scheme or ""
    if not any(owner.name in _PROGRAMS.get(scheme, ()) for owner in listener.owners):
        return None
    return Sureness.SURE if SCHEME_PORTS.get(scheme) == case.port else Sureness.LIKELY


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

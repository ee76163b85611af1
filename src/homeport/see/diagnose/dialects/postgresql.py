"""PostgreSQL: TLS as `sslmode` wants it, then a login, as libpq does it (chapters 34.1 and 55.2).

The password is said in the clear only to this machine, and only to a server that asks for it so.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from homeport.model.record import NamedTuple
from homeport.see.diagnose.case import Talk
from homeport.see.diagnose.dialects import Dialect, is_this_machine, told_user, with_user
from homeport.wire import postgresql, scram
from homeport.wire.exchange import Conversation, Ended, Heard, Turn

if TYPE_CHECKING:
    from homeport.host.client import Client
    from homeport.wire.service_url import Service

WAIT_MS = 1200
_BARRED = "28000"
_MOST_TURNS = 5
_CLEAR, _MD5, _SASL = 3, 5, 10
_METHODS = {2: "Kerberos", 7: "GSSAPI", 8: "GSSAPI", 9: "SSPI"}
_TLS_ONLY = frozenset({"require", "verify-ca", "verify-full"})


class _Way(NamedTuple):
    """How to get to the connection over which one logs in."""

    fresh: bool = True
    upgrade: bool = False
    verify: str | None = None
    any_name: bool = False
    authorities: str | None = None


def completed(service: Service, who: Client) -> Service:
    """What libpq takes from its environment."""
    service = with_user(service, who, "PGUSER")
    mode = who.environment.get("PGSSLMODE")
    if mode and service.option("sslmode") is None:
        service = service._replace(options=(*service.options, ("sslmode", mode)))
    return service


def converse(service: Service) -> Conversation[Talk]:
    """One login, and the user that it is for."""
    return (yield from told_user(_tried(service), service, _user(service)))


def _tried(service: Service) -> Conversation[Talk]:
    """Both ways of `prefer` and `allow` are tried, as libpq tries them."""
    mode = service.option("sslmode") or "prefer"
    if mode in {"disable", "allow"}:
        talk = yield from _login(service, _Way())
        if mode == "disable" or not _is_barred(talk):
            return talk
        return (yield from _secured(service, mode))
    talk = yield from _secured(service, mode)
    if mode not in _TLS_ONLY and talk.fact("tls") == "used" and _is_barred(talk):
        plain = yield from _login(service, _Way())
        return plain if plain.healthy else talk
    return talk


def _is_barred(talk: Talk) -> bool:
    return talk.error is not None and talk.error[0] == _BARRED


def _secured(service: Service, mode: str) -> Conversation[Talk]:
    """An SSLRequest, and what follows from its answer."""
    heard = yield Turn(postgresql.SSL_REQUEST, _letter, WAIT_MS)
    if heard.data[:1] == b"S":
        verify = service.host if mode.startswith("verify-") else None
        way = _Way(
            fresh=False,
            upgrade=True,
            verify=verify,
            any_name=mode == "verify-ca",
            authorities=service.option("sslrootcert"),
        )
        talk = yield from _login(service, way)
        return talk._replace(facts=(*talk.facts, ("tls", "used")))
    if heard.data[:1] == b"N" and mode in _TLS_ONLY:
        return Talk(heard, facts=(("tls", "not offered"),))
    if heard.data[:1] == b"N":
        return (yield from _login(service, _Way(fresh=False)))
    return _refused(heard) or Talk(heard)


def _letter(data: bytes) -> bool:
    return data[:1] != b"E" or postgresql.is_settled(data)


def _login(service: Service, way: _Way) -> Conversation[Talk]:
    heard = yield Turn(
        postgresql.startup(_parameters(service)),
        postgresql.is_settled,
        WAIT_MS,
        fresh=way.fresh,
        upgrade=way.upgrade,
        alpn=("postgresql",) if way.upgrade else None,
        verify=way.verify,
        any_name=way.any_name,
        authorities=way.authorities,
    )
    for _ in range(_MOST_TURNS):
        found = postgresql.read_messages(heard.data) or ()
        if any(each.letter == b"Z" for each in found):
            return (yield from _welcome(service, heard, found))
        asked = next((each for each in found if each.letter == b"R"), None)
        if heard.ended is not Ended.ENOUGH or asked is None or _refused(heard):
            break
        method = postgresql.authentication(asked)
        if method == _SASL:
            return (yield from _scram(service, heard, asked.body[4:]))
        secret = _secret(service, method, asked.body[4:8])
        if secret is None:
            return _not_given(heard, method, service)
        heard = yield _reply(postgresql.password_message(secret))
    return _refused(heard) or Talk(heard)


def _reply(said: bytes) -> Turn:
    return Turn(said, postgresql.is_settled, WAIT_MS, fresh=False)


def _parameters(service: Service) -> dict[str, str]:
    user = _user(service)
    database = service.database or service.option("dbname") or user
    return {"user": user, "database": database, "application_name": "homeport"}


def _user(service: Service) -> str:
    return service.option("user") or service.user or "postgres"


def _password(service: Service) -> str | None:
    return service.password or service.option("password") or None


def _secret(service: Service, method: int, salt: bytes) -> bytes | None:
    password = _password(service)
    if password is None:
        return None
    if method == _MD5:
        return postgresql.md5_secret(_user(service), password, salt)
    return password.encode() if method == _CLEAR and is_this_machine(service) else None


def _not_given(heard: Heard, method: int, service: Service) -> Talk:
    """The server asks for something that this client has not, or does not say."""
    if method in {_CLEAR, _MD5, _SASL} and _password(service) is None:
        return Talk(heard, facts=(("wants", "a password"),))
    wanted = _METHODS.get(method, "a password in the clear" if method == _CLEAR else str(method))
    note = f"The login was not tried: the server wants {wanted}."
    return Talk(heard, healthy=True, facts=(("note", note),))


def _scram(service: Service, heard: Heard, mechanisms: bytes) -> Conversation[Talk]:
    """SCRAM-SHA-256 (55.3.1); the name is that of the startup message, and empty here."""
    password = _password(service)
    if password is None or b"SCRAM-SHA-256" not in mechanisms.split(b"\0"):
        return _not_given(heard, _SASL, service)
    bare = scram.first_bare("", secrets.token_urlsafe(18))
    first = postgresql.sasl_first(b"SCRAM-SHA-256", scram.first_message(bare))
    heard = yield _reply(first)
    challenge = _body(heard, 11)
    proof = scram.prove(bare, challenge or b"", scram.prepared(password), "sha256")
    if proof is None:
        return _refused(heard) or Talk(heard)
    heard = yield _reply(postgresql.message(b"p", proof.message))
    found = postgresql.read_messages(heard.data) or ()
    final = _body(heard, 12)
    if final is None or not any(each.letter == b"Z" for each in found):
        return _refused(heard) or Talk(heard)
    if not scram.is_proven(final, proof):
        return Talk(heard, facts=(("unproven", "the server does not know the password itself"),))
    return (yield from _welcome(service, heard, found))


def _body(heard: Heard, kind: int) -> bytes | None:
    for each in postgresql.read_messages(heard.data) or ():
        if each.letter == b"R" and postgresql.authentication(each) == kind:
            return each.body[4:]
    return None


def _welcome(
    service: Service, heard: Heard, found: tuple[postgresql.Message, ...]
) -> Conversation[Talk]:
    """Logged in: what the server tells of itself, and good-bye."""
    yield Turn(postgresql.TERMINATE, wait_ms=0, fresh=False)
    told = postgresql.parameters(found)
    names: tuple[str, ...] = ("server_version", "in_hot_standby")
    facts = [(name, told[name]) for name in names if name in told]
    standby = told.get("in_hot_standby") == "on"
    if standby or told.get("default_transaction_read_only") == "on":
        why = "it is a standby" if standby else "by its configuration"
        facts += [("read only", why), ("note", f"The server is read-only: {why}.")]
    wants = service.option("target_session_attrs")
    refused = wants in {"read-write", "primary"} and "read only" in dict(facts)
    return Talk(heard, healthy=not refused, facts=tuple(facts))


def _refused(heard: Heard) -> Talk | None:
    """What the server said no with."""
    for each in postgresql.read_messages(heard.data) or ():
        if each.letter == b"E":
            fields = postgresql.error_fields(each.body)
            return Talk(heard, error=(fields.get("C", "?"), fields.get("M", "")))
    return None


DIALECT = Dialect(converse, completed)

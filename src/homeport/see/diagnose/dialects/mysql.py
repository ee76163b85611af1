"""MySQL and MariaDB: the greeting, TLS where both can, a login, a ping (MySQL Internals).

TLS is taken where it is offered, as MySQL's own client does (ssl-mode=PREFERRED). A password goes
in the clear only within TLS, and only to a plugin that wants it so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from homeport.model.record import NamedTuple
from homeport.see.diagnose.case import Talk
from homeport.see.diagnose.dialects import Dialect, told_user, with_user
from homeport.wire import mysql
from homeport.wire.exchange import Conversation, Ended, Heard, Turn

if TYPE_CHECKING:
    from homeport.host.client import Client
    from homeport.wire.mysql import Greeting, Packet
    from homeport.wire.service_url import Service

WAIT_MS = 1200
_DENIED = "1045"
_MOST_TURNS = 5
_MODES = ("ssl-mode", "ssl_mode", "sslmode", "sslMode")
_FLAGS = ("tls", "ssl", "useSSL", "requireSSL")
_NEVER = frozenset({"disabled", "disable", "false", "0"})
_ANY_NAME = frozenset({"verify_ca", "verify-ca"})
_ALWAYS = frozenset({"required", "require", "verify_ca", "verify-ca", "verify_identity", "true"})
_IN_THE_CLEAR = frozenset({mysql.CLEAR, mysql.SHA256, mysql.SHA2})


class _Step(NamedTuple):
    """Where the login stands: the plugin, its salt, and whether TLS protects it."""

    plugin: str
    salt: bytes
    tls: bool


def completed(service: Service, who: Client) -> Service:
    """The client logs in as whoever runs it, where nothing else is said."""
    return with_user(service, who, "MYSQL_USER")


def converse(service: Service) -> Conversation[Talk]:
    """One login; one more without TLS where that fails and nobody insists, and the reverse."""
    return (yield from told_user(_tried(service), service, _user(service)))


def _tried(service: Service) -> Conversation[Talk]:
    wish = _wish(service)
    talk = yield from _greeted(service, tls=wish not in _NEVER)
    if talk.heard.ended is Ended.UNSECURED and wish not in _ALWAYS:
        plain = yield from _greeted(service, tls=False)
        return plain if plain.healthy else talk
    if wish in _NEVER and talk.error is not None and talk.error[0] == _DENIED:
        secured = yield from _greeted(service, tls=True)
        return talk._replace(facts=(*talk.facts, ("with tls", str(secured.healthy))))
    return talk


def _wish(service: Service) -> str:
    given = [service.option(name) for name in (*_MODES, *_FLAGS)]
    return next((each for each in given if each), "preferred").lower()


def _user(service: Service) -> str:
    return service.user or service.option("user") or "root"


def _greeted(service: Service, *, tls: bool) -> Conversation[Talk]:
    heard = yield Turn(enough=_is_whole, wait_ms=WAIT_MS)
    first = mysql.read_packet(heard.data)
    if first is None or mysql.cannot_be(heard.data):
        return Talk(heard)
    greeting = mysql.read_greeting(first.payload)
    if greeting is None:
        return Talk(heard, error=mysql.read_error(first.payload))
    offered = bool(greeting.capabilities & mysql.TLS)
    facts = _facts(heard.data)
    if not offered and _wish(service) in _ALWAYS:
        return Talk(heard, facts=(*facts, ("tls", "not offered")))
    talk = yield from _logged_in(service, greeting, first, tls=tls and offered)
    return talk._replace(facts=(*facts, *talk.facts))


def _is_whole(data: bytes) -> bool:
    return mysql.cannot_be(data) or mysql.read_packet(data) is not None


def _facts(data: bytes) -> tuple[tuple[str, str], ...]:
    from homeport.wire.protocols.mysql import PROTOCOL

    found = None if PROTOCOL.greeting is None else PROTOCOL.greeting(data)
    if found is None or found.product is None:
        return ()
    return (("product", found.product), ("server_version", found.version or ""))


def _logged_in(
    service: Service, greeting: Greeting, last: Packet, *, tls: bool
) -> Conversation[Talk]:
    number = last.number + 1
    step = _Step(greeting.plugin, greeting.salt, tls)
    if tls:
        head = mysql.packet(number, mysql.ssl_request(greeting, service.database))
        yield Turn(head, wait_ms=0, fresh=False)
        number += 1
    proof = mysql.proof_of(step.plugin, service.password or "", step.salt)
    said = mysql.login(greeting, _user(service), proof or b"", service.database, tls=tls)
    wish = _wish(service)
    verified = wish in _ANY_NAME or wish in {"verify_identity", "verify-full"}
    heard = yield Turn(
        mysql.packet(number, said),
        _is_packet,
        WAIT_MS,
        fresh=False,
        upgrade=tls,
        alpn=() if tls else None,
        verify=service.host if tls and verified else None,
        any_name=wish in _ANY_NAME,
        authorities=service.option("ssl-ca") or service.option("ssl_ca"),
    )
    return (yield from _proven(service, step, heard))


def _is_packet(data: bytes) -> bool:
    return mysql.read_last_packet(data) is not None


def _proven(service: Service, step: _Step, heard: Heard) -> Conversation[Talk]:
    """What the server asks for, until it says OK or an error."""
    for _ in range(_MOST_TURNS):
        found = mysql.read_last_packet(heard.data)
        if found is None or not found.payload:
            break
        kind = found.payload[0]
        if kind == mysql.OK:
            return (yield from _pinged(heard))
        if kind == mysql.MORE and found.payload[1:] == mysql.FAST_OK:
            heard = yield Turn(enough=_is_packet, wait_ms=WAIT_MS, fresh=False)
            continue
        switched = mysql.read_switch(found.payload)
        if switched is not None:
            step = step._replace(plugin=switched[0], salt=switched[1])
        elif kind != mysql.MORE:
            break
        answer = _answer(service, step, asked_for_all=kind == mysql.MORE)
        if answer is None:
            return _not_tried(heard, step)
        heard = yield Turn(mysql.packet(found.number + 1, answer), _is_packet, WAIT_MS, fresh=False)
    return _refused(heard)


def _answer(service: Service, step: _Step, *, asked_for_all: bool) -> bytes | None:
    """What proves the password, or within TLS itself; None where neither is possible."""
    password = service.password or ""
    if not asked_for_all:
        proof = mysql.proof_of(step.plugin, password, step.salt)
        if proof is not None:
            return proof
    if step.tls and step.plugin in _IN_THE_CLEAR:
        return password.encode() + b"\0"
    return None


def _not_tried(heard: Heard, step: _Step) -> Talk:
    """The login would need RSA, or a plugin that only some clients have."""
    why = f"the account wants the plugin {step.plugin}"
    if step.plugin in _IN_THE_CLEAR:
        why += ", which takes a password over TLS or encrypted with RSA"
    return Talk(heard, healthy=True, facts=(("note", f"The login was not tried: {why}."),))


def _pinged(welcome: Heard) -> Conversation[Talk]:
    heard = yield Turn(mysql.packet(0, mysql.COM_PING), _is_packet, WAIT_MS, fresh=False)
    found = mysql.read_last_packet(heard.data)
    yield Turn(mysql.packet(0, mysql.COM_QUIT), wait_ms=0, fresh=False)
    if found is None or found.payload[:1] != b"\0":
        return _refused(heard)
    return Talk(welcome, healthy=True)


def _refused(heard: Heard) -> Talk:
    found = mysql.read_last_packet(heard.data)
    return Talk(heard, error=None if found is None else mysql.read_error(found.payload))


DIALECT = Dialect(converse, completed)

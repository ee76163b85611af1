"""MongoDB: hello, SCRAM where the URL has a user, ping, and a list that wants a login (OP_MSG).

`listDatabases` by name shows everybody what they may see; it is refused to those who had to log in
first, and that is how a server that wants logins is known.
"""

from __future__ import annotations

import secrets
from functools import partial
from hashlib import md5
from typing import TYPE_CHECKING

from homeport.model.record import NamedTuple
from homeport.see.diagnose.case import Talk
from homeport.see.diagnose.dialects import Dialect, told_user
from homeport.wire import bson, scram
from homeport.wire.exchange import Conversation, Heard, Turn

if TYPE_CHECKING:
    from homeport.wire.bson import Document
    from homeport.wire.service_url import Service

WAIT_MS = 1200
_TRUE = frozenset({"true", "1"})
_TRUSTING = ("tlsInsecure", "tlsAllowInvalidCertificates")
_MECHANISMS = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1"}


class _Said(NamedTuple):
    """One answer: what was heard, and the document in it, None where it is none."""

    heard: Heard
    document: Document | None

    @property
    def refused(self) -> Talk | None:
        """The end of the conversation, where this is no success."""
        if self.document is None:
            return Talk(self.heard)
        if self.document.get("ok") == 1:
            return None
        code, text = self.document.get("code"), self.document.get("errmsg")
        return Talk(self.heard, error=(repr(code), text if isinstance(text, str) else ""))


def converse(service: Service) -> Conversation[Talk]:
    """Hello, and the rest over the same connection."""
    return (yield from told_user(_asked(service), service, service.user or "nobody"))


def _asked(service: Service) -> Conversation[Talk]:
    hello: Document = {"hello": 1, "$db": "admin"}
    if service.user:
        hello["saslSupportedMechs"] = f"{_source(service)}.{service.user}"
    said = yield from _command(service, 1, hello)
    if said.refused is not None or said.document is None:
        return said.refused or Talk(said.heard)
    facts = _facts(said.document)
    mismatch = _other_set(service, said.document)
    if mismatch is not None:
        return Talk(said.heard, facts=(*facts, ("replica set", mismatch)))
    if service.user and service.password is not None:
        refused = yield from _scram(service, said.document)
        if refused is not None:
            return refused._replace(facts=facts)
    return (yield from _read(service, facts))


def _read(service: Service, facts: tuple[tuple[str, str], ...]) -> Conversation[Talk]:
    said = yield from _command(service, 10, {"ping": 1, "$db": "admin"})
    if said.refused is None:
        names: Document = {"listDatabases": 1, "nameOnly": True, "$db": "admin"}
        said = yield from _command(service, 11, names)
    if said.refused is not None:
        return said.refused._replace(facts=facts)
    return Talk(said.heard, healthy=True, facts=facts)


def _command(service: Service, number: int, command: Document) -> Conversation[_Said]:
    over_tls = any(service.option(name) in _TRUE for name in ("tls", "ssl"))
    trusting = any(service.option(name) in _TRUE for name in _TRUSTING)
    heard = yield Turn(
        bson.message(number, command),
        partial(_is_settled, number),
        WAIT_MS,
        fresh=number == 1,
        alpn=() if over_tls else None,
        verify=service.host if over_tls and not trusting else None,
    )
    return _Said(heard, bson.read_message(number, heard.data))


def _is_settled(number: int, data: bytes) -> bool:
    return bson.cannot_be(number, data) or _is_whole(data)


def _is_whole(data: bytes) -> bool:
    return len(data) >= 16 and len(data) >= int.from_bytes(data[:4], "little")


def _source(service: Service) -> str:
    return service.option("authSource") or service.database or "admin"


def _scram(service: Service, hello: Document) -> Conversation[Talk | None]:
    """A login; None where it succeeded."""
    mechanism = _mechanism(service, hello)
    algorithm = _MECHANISMS.get(mechanism)
    if algorithm is None:
        return None
    bare = scram.first_bare(service.user or "", secrets.token_urlsafe(18))
    start: Document = {"saslStart": 1, "mechanism": mechanism}
    start |= {"payload": scram.first_message(bare), "$db": _source(service)}
    said = yield from _command(service, 2, start)
    if said.refused is not None or said.document is None:
        return said.refused
    proof = scram.prove(bare, _payload(said.document), _password(service, algorithm), algorithm)
    if proof is None:
        return Talk(said.heard)
    payload, done = proof.message, False
    for number in (3, 4):
        said = yield from _command(service, number, _continued(service, said.document, payload))
        if said.refused is not None or said.document is None:
            return said.refused
        done = said.document.get("done") is True
        if number == 3 and not scram.is_proven(_payload(said.document), proof):
            return Talk(said.heard)
        if done:
            break
        payload = b""
    return None if done else Talk(said.heard)


def _continued(service: Service, last: Document, payload: bytes) -> Document:
    conversation = last.get("conversationId", 1)
    return {
        "saslContinue": 1,
        "conversationId": conversation if isinstance(conversation, int) else 1,
        "payload": payload,
        "$db": _source(service),
    }


def _payload(document: Document) -> bytes:
    found = document.get("payload")
    return found if isinstance(found, bytes) else b""


def _mechanism(service: Service, hello: Document) -> str:
    """What the URL wants, else the better one that the server has for this user."""
    wanted = service.option("authMechanism")
    if wanted and wanted != "DEFAULT":
        return wanted
    offered = hello.get("saslSupportedMechs")
    names = offered if isinstance(offered, list) else []
    return "SCRAM-SHA-1" if names and "SCRAM-SHA-256" not in names else "SCRAM-SHA-256"


def _password(service: Service, algorithm: str) -> bytes:
    """With SHA-1 the password is hashed with MD5 first (MongoDB specifications, Authentication)."""
    password = service.password or ""
    if algorithm == "sha256":
        return scram.prepared(password)
    words = f"{service.user}:mongo:{password}".encode()
    return md5(words, usedforsecurity=False).hexdigest().encode()


def _facts(hello: Document) -> tuple[tuple[str, str], ...]:
    hosts = hello.get("hosts")
    told: list[tuple[str, str]] = []
    if isinstance(hosts, list):
        names = [each for each in hosts if isinstance(each, str)]
        told.append(("members", ", ".join(names)))
    if hello.get("secondary") is True:
        told.append(("note", "The server is a secondary member: it takes no writes."))
    return tuple(told)


def _other_set(service: Service, hello: Document) -> str | None:
    """How the server's replica set is another one than that of the URL."""
    wanted, name = service.option("replicaSet"), hello.get("setName")
    if wanted is None or wanted == name:
        return None
    return f"the server belongs to {name}" if isinstance(name, str) else "the server is in none"


DIALECT = Dialect(converse)

"""Redis and Valkey: AUTH and SELECT as the URL says, PING, and whether it takes writes (INFO).

One command is sent at a time until PING is answered, as clients do; a server that refuses says why.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from homeport.see.diagnose.case import Talk
from homeport.see.diagnose.dialects import Dialect, told_user
from homeport.wire import resp
from homeport.wire.exchange import Conversation, Ended, Heard, Turn

if TYPE_CHECKING:
    from homeport.wire.service_url import Service

WAIT_MS = 1200
_INFO_MS = 500
_SECTIONS = ("persistence", "memory", "clients", "replication")
_NOBODY_CHECKS = frozenset({"none", "CERT_NONE", "0", "false"})
_NEARLY = 0.9


def converse(service: Service) -> Conversation[Talk]:
    """One connection; what stands first in it is what a client says first."""
    return (yield from told_user(_asked(service), service, service.user or "default"))


def _asked(service: Service) -> Conversation[Talk]:
    heard = Heard(b"", Ended.SILENT)
    for number, words in enumerate(_commands(service)):
        heard = yield _turn(service, resp.command(*words), fresh=number == 0)
        refused = _refused(heard)
        if refused is not None:
            return refused
    return (yield from _looked_into(heard))


def _commands(service: Service) -> list[tuple[str, ...]]:
    commands: list[tuple[str, ...]] = []
    if service.password is not None:
        user = [service.user] if service.user else []
        commands.append(("AUTH", *user, service.password))
    number = service.database or service.option("db")
    if number and number != "0":
        commands.append(("SELECT", number))
    return [*commands, ("PING",)]


def _turn(service: Service, said: bytes, *, fresh: bool) -> Turn:
    trusting = service.option("ssl_cert_reqs") in _NOBODY_CHECKS
    return Turn(
        said,
        partial(resp.are_whole, count=1),
        WAIT_MS,
        fresh=fresh,
        alpn=() if service.over_tls else None,
        verify=service.host if service.over_tls and not trusting else None,
    )


def _refused(heard: Heard) -> Talk | None:
    """Why this is the end: an error, or no answer that is one."""
    replies = resp.read_replies(heard.data)
    if not replies:
        return Talk(heard)
    error = replies[0].error
    if error is not None:
        return Talk(heard, error=error)
    return None if replies[0].text in {"OK", "PONG"} else Talk(heard)


def _looked_into(pong: Heard) -> Conversation[Talk]:
    """INFO about what makes a server refuse writes; an ACL may forbid it, which is no harm."""
    said = b"".join(resp.command("INFO", section) for section in _SECTIONS)
    enough = partial(resp.are_whole, count=len(_SECTIONS))
    heard = yield Turn(said, enough, _INFO_MS, fresh=False)
    told: dict[str, str] = {}
    for reply in resp.read_replies(heard.data) or ():
        if reply.kind == b"$" and reply.text is not None:
            told.update(resp.fields(reply.text))
    yield Turn(resp.command("QUIT"), wait_ms=0, fresh=False)
    full = _memory_full(told)
    broken = heard.ended is not Ended.ENOUGH and not heard.data
    facts = [("memory full", full)] if full else []
    return Talk(heard if broken else pong, not full and not broken, facts=(*facts, *_notes(told)))


def _memory_full(told: dict[str, str]) -> str | None:
    used, most = _number(told, "used_memory"), _number(told, "maxmemory")
    if not most or used < most or told.get("maxmemory_policy") != "noeviction":
        return None
    return f"used_memory:{used}, maxmemory:{most}, maxmemory_policy:noeviction"


def _notes(told: dict[str, str]) -> list[tuple[str, str]]:
    """What is no fault, and worth knowing."""
    notes = []
    if told.get("role") == "slave":
        notes.append("The server is a replica, and most are read-only.")
    saved = ("rdb_last_bgsave_status", "aof_last_write_status")
    notes += [
        f"Its last attempt to save failed ({name}:err)." for name in saved if _bad(told, name)
    ]
    clients, most = _number(told, "connected_clients"), _number(told, "maxclients")
    if most and clients >= most * _NEARLY:
        notes.append(f"{clients} of at most {most} clients are connected.")
    return [("note", each) for each in notes]


def _bad(told: dict[str, str], name: str) -> bool:
    return told.get(name) == "err"


def _number(told: dict[str, str], name: str) -> int:
    text = told.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


DIALECT = Dialect(converse)

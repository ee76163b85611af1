"""SMTP: the greeting, EHLO, and QUIT (RFC 5321, 4.1.1 and 4.2). No message is begun."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.see.diagnose.case import Talk
from homeport.see.diagnose.dialects import Dialect
from homeport.wire.exchange import Conversation, Heard, Turn

if TYPE_CHECKING:
    from homeport.wire.service_url import Service

WAIT_MS = 1200
_LAST_LINE = re.compile(rb"(?:^|\n)([2-5][0-9]{2})(?: ([^\r\n]{0,900}))?\r?\n")
_REPLY = re.compile(rb"[2-5][0-9]{2}[ -]")


def converse(service: Service) -> Conversation[Talk]:
    """As far as a client comes before it has a message."""
    alpn = () if service.over_tls else None
    verify = service.host if service.over_tls else None
    heard = yield Turn(enough=_is_whole, wait_ms=WAIT_MS, alpn=alpn, verify=verify)
    if not _is_fine(heard, b"220"):
        return _refused(heard)
    greeting = heard
    heard = yield Turn(b"EHLO localhost\r\n", _is_whole, WAIT_MS, fresh=False)
    yield Turn(b"QUIT\r\n", wait_ms=0, fresh=False)
    return Talk(greeting, healthy=True) if _is_fine(heard, b"250") else _refused(heard)


def _is_whole(data: bytes) -> bool:
    if len(data) >= 4 and not _REPLY.match(data):
        return True
    return _LAST_LINE.search(data) is not None


def _is_fine(heard: Heard, code: bytes) -> bool:
    found = _LAST_LINE.search(heard.data) if _REPLY.match(heard.data) else None
    return found is not None and found[1] == code


def _refused(heard: Heard) -> Talk:
    found = _LAST_LINE.search(heard.data) if _REPLY.match(heard.data) else None
    if found is None or found[1][:1] in b"23":
        return Talk(heard)
    return Talk(heard, error=(found[1].decode(), (found[2] or b"").decode("utf-8", "replace")))


DIALECT = Dialect(converse)

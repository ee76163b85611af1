"""NATS: its INFO, a CONNECT with the login of the URL, and a PING (NATS client protocol)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from homeport.see.diagnose.case import Talk
from homeport.see.diagnose.dialects import Dialect, told_user
from homeport.wire.exchange import Conversation, Turn

if TYPE_CHECKING:
    from homeport.wire.service_url import Service

WAIT_MS = 1200
_INFO = re.compile(rb"INFO[ \t]+\{[^\r\n]*\}[ \t]*\r\n")
_MUST = re.compile(rb"\"tls_required\"[ \t]*:[ \t]*true")
_ERROR = re.compile(rb"-ERR[ \t]+'([^'\r\n]{0,512})'?")


def converse(service: Service) -> Conversation[Talk]:
    """One connection without a subscription."""
    user = service.user if service.password is not None else None
    return (yield from told_user(_connected(service), service, user or "nobody"))


def _connected(service: Service) -> Conversation[Talk]:
    heard = yield Turn(enough=_is_line, wait_ms=WAIT_MS)
    error = _ERROR.match(heard.data)
    if error is not None:
        return Talk(heard, error=_named(error[1]))
    if _INFO.match(heard.data) is None:
        return Talk(heard)
    secured = _MUST.search(heard.data) is not None
    heard = yield Turn(
        _said(service),
        _is_answer,
        WAIT_MS,
        fresh=False,
        upgrade=secured,
        alpn=() if secured else None,
        verify=service.host if secured else None,
    )
    error = _ERROR.search(heard.data)
    if error is not None:
        return Talk(heard, error=_named(error[1]))
    return Talk(heard, healthy=b"PONG\r\n" in heard.data)


def _said(service: Service) -> bytes:
    options: dict[str, object] = {"verbose": False, "pedantic": False, "name": "homeport"}
    options |= {"lang": "python", "version": "1", "protocol": 0}
    if service.user and service.password is None:
        options["auth_token"] = service.user
    elif service.user:
        options |= {"user": service.user, "pass": service.password}
    return b"CONNECT " + json.dumps(options).encode() + b"\r\nPING\r\n"


def _is_line(data: bytes) -> bool:
    return data.endswith(b"\r\n") or not (b"INFO ".startswith(data[:5]) or data[:5] == b"INFO ")


def _is_answer(data: bytes) -> bool:
    return b"PONG\r\n" in data or _ERROR.search(data) is not None


def _named(text: bytes) -> tuple[str, str]:
    """NATS has no codes: its words are the code."""
    words = text.decode("utf-8", "replace")
    return words, words


DIALECT = Dialect(converse)

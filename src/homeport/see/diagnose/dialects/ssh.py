"""SSH: the identification string of both sides (RFC 4253, 4.2). Keys are not exchanged.

OpenSSH says `Exceeded MaxStartups` in its place when too many are about to log in, or hangs up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.model.version import __version__
from homeport.see.diagnose.case import Talk
from homeport.see.diagnose.dialects import Dialect
from homeport.wire.exchange import Conversation, Turn

if TYPE_CHECKING:
    from homeport.wire.service_url import Service

WAIT_MS = 1200
_IDENTIFICATION = re.compile(rb"(?:^|\n)SSH-(2\.0|1\.99)-([ -~]{1,253})\r?\n")
_OLD = re.compile(rb"(?:^|\n)(SSH-1\.[0-9]{1,3}-[ -~]{1,253})\r?\n")
_REFUSAL = re.compile(rb"((?:Exceeded MaxStartups|Not allowed at this time)[ -~]{0,253})\r?\n")


def converse(_: Service) -> Conversation[Talk]:
    """Its name and ours, and the end."""
    heard = yield Turn(f"SSH-2.0-homeport_{__version__}\r\n".encode(), _is_line, WAIT_MS)
    found = _IDENTIFICATION.search(heard.data)
    if found is not None:
        software = found[2].decode("ascii")
        return Talk(heard, healthy=True, facts=(("server_version", software),))
    refused = _REFUSAL.match(heard.data)
    if refused is not None:
        return Talk(heard, error=("refused", refused[1].decode("ascii")))
    old = _OLD.search(heard.data)
    if old is not None:
        return Talk(heard, error=("SSH-1", old[1].decode("ascii")))
    return Talk(heard)


def _is_line(data: bytes) -> bool:
    return any(each.search(data) for each in (_IDENTIFICATION, _OLD, _REFUSAL)) or len(data) > 8192


DIALECT = Dialect(converse)

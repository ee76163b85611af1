"""memcached: `version`, the one question that touches no item (doc/protocol.txt).

Where SASL is on, memcached speaks the binary protocol only: to a line of text it is silent, and a
binary `version` it answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from homeport.see.diagnose.case import Talk
from homeport.see.diagnose.dialects import Dialect
from homeport.wire.exchange import Conversation, Ended, Turn

if TYPE_CHECKING:
    from homeport.wire.service_url import Service

WAIT_MS = 1000
_BINARY_MS = 400
_VERSION = re.compile(rb"VERSION ([!-~]{1,64})\r\n")
_ERROR = re.compile(rb"(ERROR|CLIENT_ERROR|SERVER_ERROR)[ ]?([ -~]{0,512})\r\n")
_BINARY_VERSION = bytes.fromhex("80 0b") + bytes(22)
_BINARY_RESPONSE = 0x81


def converse(_: Service) -> Conversation[Talk]:
    """The version in text, and where nothing comes, in binary."""
    heard = yield Turn(b"version\r\n", _is_line, WAIT_MS)
    found = _VERSION.match(heard.data)
    if found is not None:
        yield Turn(b"quit\r\n", wait_ms=0, fresh=False)
        return Talk(heard, healthy=True, facts=(("server_version", found[1].decode()),))
    error = _ERROR.match(heard.data)
    if error is not None:
        return Talk(heard, error=(error[1].decode(), error[2].decode()))
    if heard.data or heard.ended not in (Ended.CLOSED, Ended.RESET, Ended.SILENT):
        return Talk(heard)
    binary = yield Turn(_BINARY_VERSION, lambda data: len(data) >= 24, _BINARY_MS)
    if binary.data[:1] == bytes([_BINARY_RESPONSE]):
        return Talk(heard, facts=(("binary only", "SASL"),))
    return Talk(heard)


def _is_line(data: bytes) -> bool:
    return b"\n" in data or len(data) > 1024


DIALECT = Dialect(converse)

"""The inspector of Node.js: its refusal of nonsense is its own, `/json/version` tells the version.

Neither attaches: a debugger is who opens the WebSocket, and node logs "Debugger attached." then. An
application may have taken 9229: no port is named, so that only the refusal counts.
"""

from __future__ import annotations

import re

from homeport.wire.http1 import read_response
from homeport.wire.http_question import get, json_object, text_in
from homeport.wire.protocols import Finding, Probe, Protocol

_REFUSAL = re.compile(rb"HTTP/1\.0 400 Bad Request\r\n[^\0]{0,200}WebSockets request was expected")
_BROWSER = re.compile(r"node\.js/v(?P<version>\d[\w.-]{1,40})")


def _refusal(data: bytes) -> Finding | None:
    if not _REFUSAL.match(data):
        return None
    return Finding("node-inspector", "WebSockets request was expected", "Node.js")


def _version(data: bytes) -> Finding | None:
    response = read_response(data)
    told = None if response is None else json_object(response)
    found = _BROWSER.fullmatch(text_in(told, "Browser") or "")
    if found is None:
        return None
    return Finding("node-inspector", found[0], "Node.js", found["version"])


PROTOCOL = Protocol(
    name="node-inspector",
    source="https://nodejs.org/en/learn/getting-started/debugging",
    nonsense=_refusal,
    probes=(Probe("GET /json/version", get("/json/version"), _version, completes=True),),
)

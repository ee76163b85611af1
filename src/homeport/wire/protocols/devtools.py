"""The Chrome DevTools Protocol: `/json/version` tells the browser, and attaches to nothing.

A browser closes at nonsense without a word (Chrome 147), so it is asked where it is the process
that listens; no port is named, lest an application that has taken 9222 be asked instead.
"""

from __future__ import annotations

import re

from homeport.wire.http1 import read_response
from homeport.wire.http_question import get, json_object, text_in
from homeport.wire.protocols import Finding, Probe, Protocol

_BROWSER = re.compile(r"(?P<name>[A-Za-z]+)/(?P<version>\d[\d.]*)")
_PRODUCTS = {"HeadlessChrome": "Chrome", "Edg": "Edge"}


def _version(data: bytes) -> Finding | None:
    response = read_response(data)
    told = None if response is None else json_object(response)
    if told is None or "Protocol-Version" not in told:
        return None
    found = _BROWSER.fullmatch(text_in(told, "Browser") or "")
    if found is None:
        return None
    product = _PRODUCTS.get(found["name"], found["name"])
    return Finding("devtools", found[0], product, found["version"])


PROTOCOL = Protocol(
    name="devtools",
    source="https://chromedevtools.github.io/devtools-protocol/#endpoints",
    programs={
        "chrome": "Chrome",
        "google-chrome": "Chrome",
        "headless_shell": "Chrome",
        "chrome-headless-shell": "Chrome",
        "chromium": "Chromium",
        "chromium-browser": "Chromium",
        "msedge": "Edge",
        "brave": "Brave",
        "electron": "Electron",
    },
    probes=(Probe("GET /json/version", get("/json/version"), _version),),
)

"""HAProxy: no name in its refusals, but a page of its own."""

from __future__ import annotations

import re

from homeport.wire.web import WebProduct

PRODUCT = WebProduct(
    title="HAProxy",
    source="https://docs.haproxy.org",
    answer=re.compile(
        rb"<html><body><h1>400 Bad request</h1>\nYour browser sent an invalid request\.\n"
    ),
    command=re.compile(r"(?:^|/)haproxy(?: |$)"),
)
